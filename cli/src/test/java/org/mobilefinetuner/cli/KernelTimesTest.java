package org.mobilefinetuner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.kernel.ScalarKernels;
import org.mobilefinetuner.tensor.Tensor;

class KernelTimesTest {
  @Test
  void callsAreCountedByKernelAndShapeFromTheFirstStepOn() {
    KernelTimes times = new KernelTimes(new ScalarKernels());
    Kernels kernels = times.watched();
    Tensor sum = Tensor.zeros(2, 3);
    kernels.productTN(1, Tensor.zeros(5, 2), Tensor.zeros(5, 3), 0, sum);
    times.begin(2);
    for (int step = 0; step < 2; step++) {
      kernels.productTN(1, Tensor.zeros(5, 2), Tensor.zeros(5, 3), 0, sum);
      kernels.productNT(1, Tensor.zeros(2, 4), Tensor.zeros(3, 4), 0, sum);
    }
    assertThat(kernels.threads()).isEqualTo(1);

    assertThat(times.json())
        .extracting(one -> one.get("kernel") + " " + one.get("calls_per_step"))
        .containsExactlyInAnyOrder("productTN 2 x 5 x 3 1.0", "productNT 2 x 4 x 3 1.0");
    StringWriter text = new StringWriter();
    times.print(1, new PrintWriter(text, true));
    assertThat(text.toString()).contains("productTN 2 x 5 x 3", "(outside kernels)");
  }
}
