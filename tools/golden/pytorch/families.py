"""The tiny models of the golden files: one for each architecture, with what makes it different from the others.

`config` is config.json in the spelling of transformers 4, as files on the hub have it.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Family:
    name: str
    config: dict
    targets: tuple
    gain: float = 1.0  # around which a norm's gain lies
    reduced: bool = False  # whether there are files in bfloat16 too
    variants: tuple = ()  # of LoRA, that have golden files too

    @property
    def vocabulary(self):
        return self.config["vocab_size"]

    @property
    def positions(self):
        return self.config.get("n_positions") or self.config["max_position_embeddings"]

    @property
    def lora(self):
        return dict(r=4, lora_alpha=8, lora_dropout=0.0, bias="none", target_modules=list(self.targets))

    @staticmethod
    def is_norm(name):
        return "ln_" in name or "norm" in name


def decoder(model_type, architecture, **sizes):
    return dict(
        architectures=[architecture], model_type=model_type, max_position_embeddings=48, initializer_range=0.02,
        bos_token_id=1, eos_token_id=2, pad_token_id=None, attention_dropout=0.0, **sizes,
    )  # fmt: skip


GPT2 = Family(
    "tiny-gpt2",
    dict(
        vocab_size=61, n_positions=24, n_embd=32, n_layer=2, n_head=4, layer_norm_epsilon=1e-5,
        activation_function="gelu_new", attn_pdrop=0.0, embd_pdrop=0.0, resid_pdrop=0.0, bos_token_id=1, eos_token_id=2,
        architectures=["GPT2LMHeadModel"], model_type="gpt2", n_ctx=24, initializer_range=0.02,
    ),
    ("c_attn", "c_proj", "c_fc"),
    reduced=True,
    variants=("dora",),
)  # fmt: skip

# Six heads share two; the second block sees five tokens.
QWEN2 = Family(
    "tiny-qwen2",
    decoder(
        "qwen2", "Qwen2ForCausalLM", vocab_size=53, hidden_size=24, intermediate_size=40, num_hidden_layers=2,
        num_attention_heads=6, num_key_value_heads=2, rms_norm_eps=1e-6, hidden_act="silu", tie_word_embeddings=True,
        rope_theta=1000000.0, use_sliding_window=True, sliding_window=5, max_window_layers=1,
    ),
    ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
    variants=("dora", "rslora"),
)  # fmt: skip

# Untied, heads wider than width / heads, biases everywhere, stretched rotations.
LLAMA = Family(
    "tiny-llama",
    decoder(
        "llama", "LlamaForCausalLM", vocab_size=47, hidden_size=24, intermediate_size=36, num_hidden_layers=2,
        num_attention_heads=3, num_key_value_heads=1, head_dim=16, rms_norm_eps=1e-5, hidden_act="silu",
        tie_word_embeddings=False, rope_theta=500000.0, attention_bias=True, mlp_bias=True,
        rope_scaling=dict(
            rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=16,
        ),
    ),
    ("q_proj", "v_proj", "down_proj"),
)  # fmt: skip

# Every second block sees all tokens, the others four; the rotations of the former are stretched.
GEMMA3 = Family(
    "tiny-gemma3",
    decoder(
        "gemma3_text", "Gemma3ForCausalLM", vocab_size=51, hidden_size=20, intermediate_size=36, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=1, head_dim=8, rms_norm_eps=1e-6, query_pre_attn_scalar=12,
        hidden_activation="gelu_pytorch_tanh", attention_bias=False, sliding_window=4, sliding_window_pattern=2,
        rope_theta=1000000.0, rope_local_base_freq=10000.0, rope_scaling=dict(rope_type="linear", factor=8.0),
    ),
    ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"),
    gain=0.0,
    reduced=True,
)  # fmt: skip

FAMILIES = (GPT2, QWEN2, LLAMA, GEMMA3)
