package org.mobilefinetuner.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.eval.HuggingFaceProtocol;
import org.mobilefinetuner.eval.LmEvalProtocol;
import org.mobilefinetuner.eval.Perplexity;
import org.mobilefinetuner.eval.PerplexityProtocol;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;

/**
 * Perplexities of one text, with all that must be known to compare them.
 *
 * @param joinedRows whether the lines of a text file were joined as WikiText's are
 */
record PerplexityReport(
    Path model,
    PerplexityProtocol protocol,
    PerplexityInput input,
    boolean joinedRows,
    Kernels kernels,
    List<Measured> all) {

  /** What one of the models has reached. */
  record Measured(ComparedModels.One model, Perplexity.Result result, double seconds) {}

  /** One object, or a list of those of several models. */
  JsonObject json() {
    List<JsonObject> objects = all.stream().map(this::json).toList();
    return objects.size() == 1 ? objects.get(0) : JsonObject.empty().put("results", objects);
  }

  private boolean words() {
    return protocol instanceof LmEvalProtocol;
  }

  private JsonObject json(Measured one) {
    @Nullable Path adapter = one.model.adapter();
    Perplexity.Result result = one.result;
    JsonObject object =
        JsonObject.empty()
            .put("model", model.toString())
            .put("adapter", adapter == null ? null : adapter.toString())
            .put("base_format", one.model.base().format().toString())
            .put("perplexity", result.perplexity())
            .put("loss", result.loss())
            .put("tokens", result.tokens())
            .put("windows", result.windows());
    if (words()) {
      object
          .put("word_perplexity", result.perplexityOf(input.words()))
          .put("byte_perplexity", result.perplexityOf(input.bytes()))
          .put("bits_per_byte", result.bitsPerByte(input.bytes()))
          .put("words", input.words())
          .put("bytes", input.bytes());
    }
    object
        .put("protocol", protocol.name())
        .put("protocol_description", protocol.description())
        .put("context", protocol.context())
        .put("stride", protocol.stride())
        .put("bos_per_window", protocol.bos().isPresent());
    if (protocol instanceof HuggingFaceProtocol) {
      object.put("joined_rows", joinedRows);
    }
    return object
        .put("backend", kernels.name())
        .put("threads", kernels.threads())
        .put("seconds", one.seconds);
  }

  void print(PrintWriter out) {
    Perplexity.Result first = all.get(0).result;
    out.printf(
        Locale.ROOT,
        "Protocol %s (%s); context %d, stride %d, %,d tokens%s%s%n",
        protocol.name(),
        protocol.description(),
        protocol.context(),
        protocol.stride(),
        first.tokens(),
        words()
            ? String.format(Locale.ROOT, ", %,d words, %,d bytes", input.words(), input.bytes())
            : "",
        protocol.bos().isPresent() ? ", BOS in front of each window" : "");
    if (all.size() == 1) {
      single(out, first);
    } else {
      table(out);
    }
    double seconds = all.stream().mapToDouble(Measured::seconds).sum();
    out.printf(
        Locale.ROOT,
        "%,d windows in %.1f s, %.0f tokens/s, %s, %d threads%n",
        first.windows() * all.size(),
        seconds,
        first.tokens() * all.size() / seconds,
        kernels.name(),
        kernels.threads());
  }

  private void single(PrintWriter out, Perplexity.Result result) {
    if (words()) {
      out.printf(
          Locale.ROOT,
          "Word perplexity %.4f, byte perplexity %.5f, bits per byte %.5f%n",
          result.perplexityOf(input.words()),
          result.perplexityOf(input.bytes()),
          result.bitsPerByte(input.bytes()));
    }
    out.printf(
        Locale.ROOT,
        "Perplexity %.4f%s (loss %.5f)%n",
        result.perplexity(),
        words() ? " per token" : "",
        result.loss());
  }

  private void table(PrintWriter out) {
    Table table =
        words()
            ? new Table("model", ">per word", ">per byte", ">bits per byte", ">per token", ">loss")
            : new Table("model", ">perplexity", ">loss");
    for (Measured one : all) {
      Perplexity.Result result = one.result;
      List<String> cells = new ArrayList<>(List.of(one.model.name()));
      if (words()) {
        cells.add(number(4, result.perplexityOf(input.words())));
        cells.add(number(5, result.perplexityOf(input.bytes())));
        cells.add(number(5, result.bitsPerByte(input.bytes())));
      }
      cells.add(number(4, result.perplexity()));
      cells.add(number(5, result.loss()));
      table.row(cells.toArray(String[]::new));
    }
    table.print(out);
  }

  private static String number(int decimals, double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }
}
