package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * The protocol of llama.cpp's {@code llama-perplexity}: the file as it is in disjoint windows, only
 * the second half of each scored, and what does not fill a window left out.
 *
 * <p>BOS replaces the first token of a window, as it does there.
 */
public record LlamaCppProtocol(int context, OptionalInt bos) implements PerplexityProtocol {
  public LlamaCppProtocol {
    PerplexityProtocol.check(context, 1, bos);
  }

  @Override
  public String name() {
    return "llamacpp";
  }

  @Override
  public String description() {
    return "llama.cpp: llama-perplexity, second half of disjoint windows";
  }

  @Override
  public int stride() {
    return context;
  }

  @Override
  public int room() {
    return context;
  }

  @Override
  public boolean specialTokens() {
    return true;
  }

  /** The file without its last line break, which llama.cpp drops. */
  @Override
  public List<PerplexityText> texts(String file) {
    String text = file.endsWith("\n") ? file.substring(0, file.length() - 1) : file;
    return List.of(PerplexityText.of(text, file));
  }

  @Override
  public int least() {
    return context;
  }

  @Override
  public List<PerplexityWindow> windows(int[] ids, int[] labels) {
    List<PerplexityWindow> windows = new ArrayList<>();
    for (int begin = 0; begin + context <= ids.length; begin += context) {
      int[] read = Arrays.copyOfRange(ids, begin, begin + context);
      if (bos.isPresent()) {
        read[0] = bos.getAsInt();
      }
      int[] targets = PerplexityWindow.shifted(Arrays.copyOfRange(labels, begin, begin + context));
      Arrays.fill(targets, 0, context / 2, LinearCrossEntropy.IGNORE);
      windows.add(new PerplexityWindow(read, targets, PerplexityWindow.count(targets)));
    }
    return windows;
  }
}
