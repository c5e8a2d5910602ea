package org.mobilefinetuner.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.data.DataReader;
import org.mobilefinetuner.data.DataSet;
import org.mobilefinetuner.data.DataSettings;
import org.mobilefinetuner.eval.LmEvalProtocol;
import org.mobilefinetuner.eval.PerplexityProtocol;
import org.mobilefinetuner.eval.PerplexityText;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.io.TextFile;
import org.mobilefinetuner.model.Batch.Sequence;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.text.Tokenizer;

/**
 * The token sequences of a file whose perplexity is measured.
 *
 * @param words of the texts as they were in the file
 * @param bytes of the texts as they were in the file
 */
record PerplexityInput(List<Sequence> sequences, long words, long bytes) {
  static boolean isJson(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".jsonl") || name.endsWith(".json");
  }

  /** The examples of a JSONL file as training sees them. */
  static PerplexityInput examples(Path file, ModelFolder folder) throws IOException {
    int whole = Integer.MAX_VALUE; // windows cut what is long
    List<Sequence> sequences = new ArrayList<>();
    try (DataSet set = DataReader.of(folder, DataSettings.of(whole)).read(requireFile(file))) {
      for (int i = 0; i < set.examples().count(); i++) {
        sequences.add(set.examples().get(i));
      }
    }
    return new PerplexityInput(sequences, 0, 0);
  }

  /** A file of text as the protocol reads it, or as it is. */
  static PerplexityInput text(
      Path file, boolean asIs, PerplexityProtocol protocol, Tokenizer tokenizer)
      throws IOException {
    String text = TextFile.read(requireFile(file));
    List<PerplexityText> texts =
        asIs ? List.of(new PerplexityText(text, 0, 0)) : protocol.texts(text);
    return encode(file, texts, protocol, tokenizer);
  }

  /** The pages of a JSONL file, each in {@code page} or {@code text}. */
  static PerplexityInput pages(Path file, LmEvalProtocol protocol, Tokenizer tokenizer)
      throws IOException {
    List<PerplexityText> pages = new ArrayList<>();
    int number = 0;
    for (String line : TextFile.read(requireFile(file)).split("\n", -1)) {
      number++;
      if (!line.isEmpty()) {
        JsonObject record = JsonObject.parse(file + ":" + number, line);
        pages.add(LmEvalProtocol.page(record.string(record.has("page") ? "page" : "text")));
      }
    }
    return encode(file, pages, protocol, tokenizer);
  }

  private static PerplexityInput encode(
      Path file, List<PerplexityText> texts, PerplexityProtocol protocol, Tokenizer tokenizer)
      throws FormatException {
    List<Sequence> sequences = new ArrayList<>();
    long words = 0;
    long bytes = 0;
    int tokens = 0;
    for (PerplexityText text : texts) {
      int[] ids = tokenizer.encode(text.content(), protocol.specialTokens());
      words += text.words();
      bytes += text.bytes();
      tokens += ids.length;
      if (ids.length > 0) {
        sequences.add(new Sequence(sequences.size(), ids, ids.clone()));
      }
    }
    int least = protocol.least();
    if (tokens < least) {
      throw new FormatException(
          file + ": expected a text of at least " + least + " tokens, found " + tokens);
    }
    return new PerplexityInput(sequences, words, bytes);
  }

  static Tokenizer tokenizer(ModelFolder folder) throws IOException {
    @Nullable Tokenizer tokenizer = folder.tokenizer();
    if (tokenizer == null) {
      throw new FormatException(
          "expected a tokenizer in the model folder to read text, found none in "
              + folder.path()
              + "; add tokenizer.json, or give JSONL with input_ids");
    }
    return tokenizer;
  }

  private static Path requireFile(Path file) throws NoSuchFileException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return file;
  }
}
