package org.mobilefinetuner.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Draws;

/** All 65,536 values of the small formats, and their rounding. */
class FormatTest {
  @Test
  void binary16IsThatOfTheJdk() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Format.f16((short) bits);
      float expected = Float.float16ToFloat((short) bits);
      if (Float.isNaN(expected)) {
        assertThat(value).isNaN();
        assertThat(Format.f16(Format.toF16(value))).isNaN();
      } else {
        assertThat(Float.floatToRawIntBits(value)).isEqualTo(Float.floatToRawIntBits(expected));
        assertThat(Format.toF16(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void binary16RoundsAsTheJdkDoes() {
    for (int i = 0; i < 2_000_000; i++) {
      float value = anyFloat(i);
      if (!Float.isNaN(value) && Format.toF16(value) != Float.floatToFloat16(value)) {
        assertThat(Format.toF16(value)).as("%s", value).isEqualTo(Float.floatToFloat16(value));
      }
    }
    for (int bits = 0; bits < 0x7c00; bits++) { // the ties between neighbours, and beside them
      float tie = (Format.f16((short) bits) + Format.f16((short) (bits + 1))) / 2;
      for (float value : new float[] {tie, Math.nextUp(tie), Math.nextDown(tie), -tie}) {
        if (Format.toF16(value) != Float.floatToFloat16(value)) {
          assertThat(Format.toF16(value)).as("%s", value).isEqualTo(Float.floatToFloat16(value));
        }
      }
    }
  }

  @Test
  void bfloat16IsTheUpperHalf() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Format.bf16((short) bits);
      assertThat(Float.floatToRawIntBits(value)).isEqualTo(bits << 16);
      if (!Float.isNaN(value)) {
        assertThat(Format.toBf16(value)).isEqualTo((short) bits);
      } else {
        assertThat(Format.bf16(Format.toBf16(value))).isNaN();
      }
    }
  }

  @Test
  void bfloat16RoundsToTheNearestAndTiesToEven() {
    assertThat(Format.bf16(Format.toBf16(1 + 0x1p-8f))).isEqualTo(1); // a tie: even below
    assertThat(Format.bf16(Format.toBf16(1 + 0x1.8p-7f))).isEqualTo(1 + 0x1p-6f); // even above
    assertThat(Format.bf16(Format.toBf16(1 + 0x1.01p-8f))).isEqualTo(1 + 0x1p-7f);
    assertThat(Format.bf16(Format.toBf16(Float.MAX_VALUE))).isInfinite();
    assertThat(Format.bf16(Format.toBf16(Float.NEGATIVE_INFINITY))).isInfinite().isNegative();
    assertThat(Format.bf16(Format.toBf16(Float.intBitsToFloat(0x7f800001)))).isNaN();
    for (int i = 0; i < 1_000_000; i++) {
      float value = anyFloat(i);
      float rounded = Format.bf16(Format.toBf16(value));
      if (Math.abs(value) < 0x1.fep127f) {
        double gap = Math.max(Math.ulp(value), Float.MIN_VALUE) * 65536.0;
        if (!(Math.abs((double) rounded - value) <= gap / 2)) {
          assertThat(rounded).as("%s", value).isEqualTo(value);
        }
      }
    }
  }

  private static float anyFloat(int i) {
    return Float.intBitsToFloat((int) Draws.mix(i));
  }
}
