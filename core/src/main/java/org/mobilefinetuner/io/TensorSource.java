package org.mobilefinetuner.io;

import java.io.IOException;
import java.util.Set;
import org.mobilefinetuner.tensor.Matrix;
import org.mobilefinetuner.tensor.Tensor;

/** Named tensors in files. */
public interface TensorSource {
  Set<String> names();

  /**
   * @throws FormatException if there is no tensor of that name
   */
  int[] shape(String name) throws IOException;

  /** The file's name for the type of the numbers, such as {@code BF16}. */
  String type(String name) throws IOException;

  /** What a tensor takes in the file; of a quantised one its codes and scales. */
  long bytes(String name) throws IOException;

  /** A tensor of two dimensions, left in the file and mapped. */
  Matrix matrix(String name) throws IOException;

  /** A copy in memory, as float32. */
  Tensor tensor(String name) throws IOException;
}
