package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * The protocol of Hugging Face's page "Perplexity of fixed-length models".
 *
 * <p>A window of {@code context} tokens moves on by {@code stride}; each token is scored in the
 * first window that it is in. A window counts with one token less than it should predict, also
 * where the token before the first of them is in the window, so that none is lost: so does the
 * original, and numbers are only comparable if everyone does.
 */
public record HuggingFaceProtocol(int context, int stride, OptionalInt bos)
    implements PerplexityProtocol {
  public HuggingFaceProtocol {
    PerplexityProtocol.check(context, stride, bos);
  }

  @Override
  public String name() {
    return "hf";
  }

  @Override
  public String description() {
    return "A: Hugging Face, perplexity of fixed-length models";
  }

  /**
   * The text of a file as the protocol reads WikiText: each line with its line break is a row,
   * empty if it is blank, and the rows are joined by two line breaks.
   */
  @Override
  public List<PerplexityText> texts(String file) {
    StringBuilder joined = new StringBuilder();
    for (int at = 0; at < file.length(); ) {
      int end = file.indexOf('\n', at);
      end = end < 0 ? file.length() : end + 1;
      String row = file.substring(at, end);
      joined.append(at == 0 ? "" : "\n\n").append(PythonText.strip(row).isEmpty() ? "" : row);
      at = end;
    }
    return List.of(PerplexityText.of(joined.toString(), file));
  }

  @Override
  public int least() {
    return 2;
  }

  @Override
  public List<PerplexityWindow> windows(int[] ids, int[] labels) {
    List<PerplexityWindow> windows = new ArrayList<>();
    for (int begin = 0, scored = 0; scored < ids.length; begin += stride) {
      int end = Math.min(begin + room(), ids.length);
      windows.add(window(ids, labels, begin, scored, end));
      scored = end;
    }
    return windows;
  }

  private PerplexityWindow window(int[] ids, int[] labels, int begin, int scored, int end) {
    int[] read = Arrays.copyOfRange(ids, begin, end);
    int[] wanted = Arrays.copyOfRange(labels, begin, end);
    Arrays.fill(wanted, 0, scored - begin, LinearCrossEntropy.IGNORE);
    if (bos.isPresent()) {
      read = PerplexityWindow.prepend(bos.getAsInt(), read);
      wanted = PerplexityWindow.prepend(LinearCrossEntropy.IGNORE, wanted);
    }
    int[] targets = PerplexityWindow.shifted(wanted);
    boolean firstIsPredicted = begin < scored || bos.isPresent();
    int count = PerplexityWindow.count(targets);
    return new PerplexityWindow(read, targets, firstIsPredicted ? count - 1 : count);
  }
}
