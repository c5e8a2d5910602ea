package org.mobilefinetuner.data;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.kernel.Draws;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.ops.LinearCrossEntropy;

/** Counts what there is in a data file, and what may be wrong with it: twelve bytes an example. */
public final class DataStatistics implements DataReader.Sink {
  private final int maxLength;
  private final OptionalInt begin;
  private final boolean beginExpected;
  private final Set<Integer> ends;
  private final IntStream.Builder lengths = IntStream.builder();
  private final LongStream.Builder fingerprints = LongStream.builder();
  private long supervised;
  private int truncated;
  private int emptied;
  private int unsupervised;
  private final Finding doubleBegin = new Finding();
  private final Finding missingBegin = new Finding();
  private final Finding missingEnd = new Finding();

  /** How often something was found, and where first. */
  private static final class Finding {
    private int count;
    private @Nullable String first;

    void at(String place) {
      count++;
      first = first == null ? place : first;
    }
  }

  /**
   * @param maxLength what is longer would be cut
   * @param begin the token that begins a text, if the model has one
   * @param beginExpected whether the tokenizer puts it before every text
   * @param ends the tokens that may end a text or an answer; empty if they are not known
   */
  public DataStatistics(
      int maxLength, OptionalInt begin, boolean beginExpected, Set<Integer> ends) {
    this.maxLength = maxLength;
    this.begin = begin;
    this.beginExpected = beginExpected;
    this.ends = new TreeSet<>(ends);
  }

  @Override
  public boolean accept(String place, Sequence example) {
    int[] ids = example.ids();
    lengths.add(ids.length);
    long fingerprint = ids.length;
    for (int id : ids) {
      fingerprint = Draws.key(fingerprint, id);
    }
    fingerprints.add(fingerprint);
    int kept = DataReader.cut(example, maxLength).supervised();
    supervised += kept;
    truncated += ids.length > maxLength ? 1 : 0;
    unsupervised += example.supervised() == 0 ? 1 : 0;
    emptied += example.supervised() > 0 && kept == 0 ? 1 : 0;
    boolean begins = begin.isPresent() && ids[0] == begin.getAsInt();
    if (begins && ids.length > 1 && ids[1] == ids[0]) {
      doubleBegin.at(place);
    }
    if (beginExpected && !begins) {
      missingBegin.at(place);
    }
    if (!ends.isEmpty() && example.supervised() > 0 && !ends(example.labels())) {
      missingEnd.at(place);
    }
    return true;
  }

  /** Whether one of the last two tokens that are predicted is an end: white space may follow it. */
  private boolean ends(int[] labels) {
    int seen = 0;
    for (int t = labels.length - 1; t > 0 && seen < 2; t--) {
      if (labels[t] != LinearCrossEntropy.IGNORE) {
        if (ends.contains(labels[t])) {
          return true;
        }
        seen++;
      }
    }
    return false;
  }

  /**
   * The result.
   *
   * @param records how many examples there are
   * @param tokens of all of them, whole
   * @param supervised tokens that are predicted, after cutting
   * @param shortest length in tokens, as are the next three; 0 if there are no examples
   * @param truncated how many are cut
   * @param unsupervised how many have no token to predict
   * @param emptied how many have none left after cutting
   * @param duplicates how many have the same tokens as one before
   * @param doubleBegin how many begin with two tokens that begin a text, {@code <bos>}
   * @param firstDoubleBegin where the first of them stands
   * @param missingBegin how many lack the token that the tokenizer puts before a text
   * @param firstMissingBegin where the first of them stands
   * @param missingEnd how many teach no end
   * @param firstMissingEnd where the first of them stands
   */
  public record Report(
      int records,
      long tokens,
      long supervised,
      int shortest,
      int median,
      int p95,
      int longest,
      int truncated,
      int unsupervised,
      int emptied,
      int duplicates,
      int doubleBegin,
      @Nullable String firstDoubleBegin,
      int missingBegin,
      @Nullable String firstMissingBegin,
      int missingEnd,
      @Nullable String firstMissingEnd,
      Fingerprints fingerprints) {}

  /** The examples of a file, each a number that stands for its tokens, in their order. */
  public static final class Fingerprints {
    private final long[] values;

    private Fingerprints(long[] values) {
      this.values = values;
    }

    /** How many there are. */
    public int count() {
      return values.length;
    }

    /** Those from {@code from} to {@code to}, exclusive. */
    public Fingerprints part(int from, int to) {
      return new Fingerprints(Arrays.copyOfRange(values, from, to));
    }

    /** How many of these are among {@code others}. */
    public int in(Fingerprints others) {
      long[] sorted = others.sorted();
      int found = 0;
      for (long value : values) {
        found += Arrays.binarySearch(sorted, value) >= 0 ? 1 : 0;
      }
      return found;
    }

    private long[] sorted() {
      long[] sorted = values.clone();
      Arrays.sort(sorted);
      return sorted;
    }

    int duplicates() {
      long[] sorted = sorted();
      int same = 0;
      for (int i = 1; i < sorted.length; i++) {
        same += sorted[i] == sorted[i - 1] ? 1 : 0;
      }
      return same;
    }
  }

  /** What was found. This object is done with. */
  public Report report() {
    int[] sorted = lengths.build().toArray();
    Arrays.sort(sorted);
    long tokens = 0;
    for (int length : sorted) {
      tokens += length;
    }
    Fingerprints all = new Fingerprints(fingerprints.build().toArray());
    return new Report(
        sorted.length,
        tokens,
        supervised,
        percentile(sorted, 0),
        percentile(sorted, 50),
        percentile(sorted, 95),
        percentile(sorted, 100),
        truncated,
        unsupervised,
        emptied,
        all.duplicates(),
        doubleBegin.count,
        doubleBegin.first,
        missingBegin.count,
        missingBegin.first,
        missingEnd.count,
        missingEnd.first,
        all);
  }

  /** The smallest value that is not below {@code percent} of all (nearest rank). */
  private static int percentile(int[] sorted, int percent) {
    if (sorted.length == 0) {
      return 0;
    }
    long rank = ((long) sorted.length * percent + 99) / 100;
    return sorted[(int) Math.max(0, rank - 1)];
  }
}
