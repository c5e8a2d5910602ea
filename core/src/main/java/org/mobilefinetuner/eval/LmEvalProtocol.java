package org.mobilefinetuner.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/**
 * The protocol of lm-eval's task {@code wikitext}: pages, detokenised, in disjoint windows, each
 * token predicted once; the loss of all is divided by words or bytes of the pages as they were.
 *
 * <p>The first window of a page begins with {@code prefix}, the others with the last token of the
 * one before; a page's last window is moved back until it is full, and what was predicted before is
 * only read. A BOS token in front of each window, if wanted, is not part of the original.
 *
 * @param prefix what a page's first token is predicted from: BOS, or EOS if there is none
 */
public record LmEvalProtocol(int context, int prefix, OptionalInt bos)
    implements PerplexityProtocol {
  private static final Pattern HEADING = Pattern.compile(" = [^=].* = ");

  public LmEvalProtocol {
    PerplexityProtocol.check(context, context - (bos.isPresent() ? 1 : 0), bos);
  }

  @Override
  public String name() {
    return "lm-eval";
  }

  @Override
  public String description() {
    return "C: lm-eval wikitext, detokenised pages in disjoint windows";
  }

  @Override
  public int stride() {
    return room();
  }

  /** The pages of a file of WikiText: each begins with a heading of the first level. */
  @Override
  public List<PerplexityText> texts(String file) {
    List<PerplexityText> pages = new ArrayList<>();
    int start = 0;
    for (int at = 0; at < file.length(); ) {
      int end = file.indexOf('\n', at);
      end = end < 0 ? file.length() : end;
      if (at > start && HEADING.matcher(file.substring(at, end)).matches()) {
        page(file.substring(start, at - 1), pages); // without the line break before the heading
        start = at;
      }
      at = end + 1;
    }
    page(file.substring(start), pages);
    return pages;
  }

  private static void page(String page, List<PerplexityText> to) {
    if (!PythonText.strip(page).isEmpty()) {
      to.add(page(page));
    }
  }

  /** A text that is a page of its own. */
  public static PerplexityText page(String page) {
    return PerplexityText.of(WikiTextDetokenizer.apply(page), page);
  }

  @Override
  public boolean specialTokens() {
    return false; // the prefix is there already
  }

  @Override
  public int least() {
    return 1;
  }

  @Override
  public List<PerplexityWindow> windows(int[] ids, int[] labels) {
    List<PerplexityWindow> windows = new ArrayList<>();
    int to = Math.min(context, ids.length);
    if (to > 0) {
      int[] read = PerplexityWindow.prepend(prefix, Arrays.copyOf(ids, to - 1));
      windows.add(window(read, Arrays.copyOf(labels, to)));
    }
    for (int from = to; from < ids.length; from = to) {
      to = Math.min(ids.length, from + room());
      int start = to - room();
      int[] read = Arrays.copyOfRange(ids, start - 1, to - 1);
      int[] targets = Arrays.copyOfRange(labels, start, to);
      Arrays.fill(targets, 0, from - start, LinearCrossEntropy.IGNORE);
      if (bos.isPresent()) {
        read = PerplexityWindow.prepend(bos.getAsInt(), read);
        targets = PerplexityWindow.prepend(LinearCrossEntropy.IGNORE, targets);
      }
      windows.add(window(read, targets));
    }
    return windows;
  }

  private static PerplexityWindow window(int[] read, int[] targets) {
    return new PerplexityWindow(read, targets, PerplexityWindow.count(targets));
  }
}
