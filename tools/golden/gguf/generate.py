"""A GGUF file with metadata of every type and tensors of every type that is read, by gguf-py.

    python tools/golden/gguf/generate.py testkit/src/test/resources/golden/gguf

Writes all-types.gguf, and all-types.safetensors with the float32 values of each tensor: x before it was
encoded, and <name> as gguf-py decodes it. Made with gguf 0.19.0, numpy 2, safetensors.
"""

import sys

import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import GGUFValueType as V
from gguf import GGUFWriter, dequantize, quantize
from safetensors.numpy import save_file

folder = sys.argv[1]
random = np.random.default_rng(3)
x = random.standard_normal((3, 64)).astype(np.float32)
x[1, 32:] = 0  # a block of zeros
x[2, :4] = [0.5, -0.5, 100, -127]
writer = GGUFWriter(folder + "/all-types.gguf", "gpt2")
for name, value, kind in [
    ("u8", 200, V.UINT8), ("i8", -100, V.INT8), ("u16", 60000, V.UINT16), ("i16", -30000, V.INT16),
    ("u32", 4000000000, V.UINT32), ("i32", -2000000000, V.INT32), ("u64", 1 << 40, V.UINT64),
    ("i64", -(1 << 40), V.INT64), ("f32", 0.1, V.FLOAT32), ("f64", 0.1, V.FLOAT64), ("bool", True, V.BOOL),
    ("text", "naïve ▁", V.STRING),
]:
    writer.add_key_value("test." + name, value, kind)
writer.add_array("test.texts", ["a", "", "Ġb"])
writer.add_array("test.ints", [1, -2, 3])
writer.add_array("test.floats", [0.5, -1.5])
writer.add_array("test.bools", [True, False])
values = {"x": x}
for kind in (T.F32, T.F16, T.BF16, T.Q8_0):
    name = kind.name.lower()
    data = quantize(x, kind) if kind != T.F32 else x
    writer.add_tensor(name, data, raw_dtype=None if kind in (T.F32, T.F16) else kind)
    values[name] = dequantize(data, kind).astype(np.float32)
writer.add_tensor("vector", x[0])
values["vector"] = x[0]
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(values, folder + "/all-types.safetensors")
