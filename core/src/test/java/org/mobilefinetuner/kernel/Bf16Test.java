package org.mobilefinetuner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mobilefinetuner.tensor.Format;
import org.mobilefinetuner.tensor.Tensor;

class Bf16Test {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 16, 33})
  void whatIsPackedComesBack(int size) {
    Random random = new Random(size);
    float[] data = new float[size + 5];
    Tensor x = Tensor.wrap(data, 3, size);
    float[] rounded = new float[size];
    for (int i = 0; i < size; i++) {
      data[3 + i] = (float) random.nextGaussian() * (i % 5 == 0 ? 1e-30f : 1);
      rounded[i] = Format.BF16.round(data[3 + i]);
    }
    Bf16.round(x);
    Tensor packed = Tensor.wrap(new float[size + 2], 1, Bf16.packed(size));
    Bf16.pack(x, packed);
    Tensor back = Tensor.zeros(size);
    Bf16.unpack(packed, back);
    assertThat(back.data()).isEqualTo(rounded);
    assertThat(new float[] {data[2], data[3 + size]}).as("beside it").containsOnly(0);
    assertThat(packed.data()[0]).isZero();
    assertThat(packed.size()).isEqualTo((size + 1) / 2);
  }

  @Test
  void otherSizesAreRefused() {
    assertThatThrownBy(() -> Bf16.pack(Tensor.zeros(4), Tensor.zeros(3)))
        .hasMessage("expected 2 numbers for 4 values, found 3");
  }

  @Test
  void aTensorWithoutValuesIsLeftAlone() {
    Bf16.round(Tensor.ofShape(5));
    Bf16.pack(Tensor.ofShape(5), Tensor.ofShape(3));
    Bf16.unpack(Tensor.ofShape(3), Tensor.ofShape(5));
    assertThat(Bf16.packed(5)).isEqualTo(3);
  }
}
