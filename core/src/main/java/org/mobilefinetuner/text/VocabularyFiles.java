package org.mobilefinetuner.text;

import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.JsonReader;
import org.mobilefinetuner.io.TextFile;

/**
 * Reads a tokenizer from vocab.json and merges.txt, the files of the time before tokenizer.json.
 *
 * <p>They do not say how a text is cut into words. The tokenizer's class says it, or the model's
 * type; a folder that names neither is taken for GPT-2's.
 */
final class VocabularyFiles {
  private static final List<String> END_OF_TEXT = Arrays.asList("<|endoftext|>");

  private VocabularyFiles() {}

  /** Whether a folder has the two files. */
  static boolean existIn(Path folder) {
    return Files.isRegularFile(folder.resolve("vocab.json"))
        && Files.isRegularFile(folder.resolve("merges.txt"));
  }

  /** The tokenizer that the files of a folder describe. */
  static Pipeline read(Path folder, FolderConfig config) throws IOException {
    boolean qwen = isQwen(folder, config);
    Bpe model = model(folder);
    boolean space = !qwen && config.flag("add_prefix_space");
    return new Pipeline(
        config.addedTokens(model.vocabulary(), END_OF_TEXT),
        qwen ? new UnicodeForm(java.text.Normalizer.Form.NFC) : null,
        qwen ? qwenWords() : new PreTokenizer.ByteLevel(space, true),
        model,
        config.flag("add_bos_token") ? begin(model, config) : null,
        new Decoder.ByteLevel());
  }

  private static PreTokenizer qwenWords() {
    return new PreTokenizer.Sequence(
        Arrays.asList(
            new Splitter(WordPattern.QWEN2, Splitter.Behavior.ISOLATED, false),
            new PreTokenizer.ByteLevel(false, false)));
  }

  private static boolean isQwen(Path folder, FolderConfig config) throws IOException {
    String name = config.tokenizerClass();
    String type = config.modelType();
    if (name.equals("Qwen2Tokenizer") || (name.isEmpty() && type.startsWith("qwen"))) {
      return true;
    }
    if (name.equals("GPT2Tokenizer")
        || (name.isEmpty() && (type.isEmpty() || type.equals("gpt2")))) {
      return false;
    }
    throw new IOException(
        folder
            + ": vocab.json and merges.txt are understood for GPT2Tokenizer and Qwen2Tokenizer,"
            + " this is "
            + (name.isEmpty() ? "a model of type " + type : name)
            + "; put the model's tokenizer.json into the folder");
  }

  private static @Nullable PostProcessor begin(Bpe model, FolderConfig config) throws IOException {
    String bos = config.token("bos_token");
    int id = model.vocabulary().id(bos == null ? END_OF_TEXT.get(0) : bos);
    return id < 0 ? null : new PostProcessor.Template(new int[] {id}, new int[0]);
  }

  private static Bpe model(Path folder) throws IOException {
    Path vocabFile = folder.resolve("vocab.json");
    Path mergesFile = folder.resolve("merges.txt");
    var reader = new ModelReader(folder + ": vocab.json and merges.txt", Files.size(vocabFile));
    JsonReader.read(
        vocabFile,
        parser -> {
          if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new IOException(vocabFile + ": wanted a JSON object of pieces and ids");
          }
          reader.readVocabulary(parser);
          return reader;
        });
    readMerges(mergesFile, reader);
    return reader.model(new Bpe.Options("", false, false, false));
  }

  private static void readMerges(Path file, ModelReader reader) throws IOException {
    try (BufferedReader lines = TextFile.open(file)) {
      boolean first = true;
      for (String line; (line = lines.readLine()) != null; first = false) {
        if (!line.isEmpty() && !(first && line.startsWith("#version"))) {
          reader.readMerge(line);
        }
      }
    }
  }
}
