package org.mobilefinetuner.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen2", "gemma"})
  void decodingWhatWasEncodedIsTheText(String name) throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource(name));
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 37) {
      if ((c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) && c != '\u2581') {
        all.appendCodePoint(c).append(' ');
      }
    }
    String text =
        name.equals("qwen2")
            ? new UnicodeForm(java.text.Normalizer.Form.NFC).apply(Span.of(all.toString(), false))
                + ""
            : all.toString();
    assertThat(tokenizer.decode(tokenizer.encode(text)).equals(text)).isTrue();
  }

  @Test
  void halvesOfSurrogatePairsAreReplaced() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gpt2"));
    for (String half : List.of("\ud83d", "\ude42", "\ude42\ud83d", "\ud83dx")) {
      String replaced = half.replaceAll("[\ud800-\udfff]", "\ufffd");
      assertThat(tokenizer.encode("a" + half + "b"))
          .containsExactly(tokenizer.encode("a" + replaced + "b"));
    }
    assertThat(tokenizer.decode(tokenizer.encode("🙂"))).isEqualTo("🙂");
  }

  @Test
  void offsetsCutTheTextIntoItsTokens() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gpt2"));
    String text = "the old 🙂 harbour";
    Encoding encoding = tokenizer.encodeWithOffsets(text, false);
    int reached = 0;
    for (int i = 0; i < encoding.size(); i++) {
      assertThat(encoding.start(i)).isLessThanOrEqualTo(reached);
      reached = encoding.end(i);
    }
    assertThat(reached).isEqualTo(text.length());
    int face = text.indexOf("🙂");
    long bytesOfTheFace =
        IntStream.range(0, encoding.size())
            .filter(i -> encoding.end(i) == face + 2 && encoding.start(i) == face)
            .count();
    assertThat(bytesOfTheFace).as("each byte stands for the whole character").isEqualTo(4);
  }

  @Test
  void addedSpecialTokensStandForNothing() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gemma"));
    Encoding encoding = tokenizer.encodeWithOffsets("the", true);
    assertThat(tokenizer.piece(encoding.id(0))).isEqualTo("<bos>");
    assertThat(encoding.end(0)).isZero();
    assertThat(encoding.end(encoding.size() - 1)).isEqualTo(3);
  }

  @Test
  void piecesAndIds() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gpt2"));
    assertThat(tokenizer.vocabularySize()).isEqualTo(401);
    for (int id = 0; id < tokenizer.vocabularySize(); id++) {
      assertThat(tokenizer.id(tokenizer.piece(id))).hasValue(id);
    }
    assertThat(tokenizer.id("not a piece")).isEmpty();
    assertThatThrownBy(() -> tokenizer.piece(401))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("401");
    assertThat(tokenizer.decode(new int[] {401, -1, 0})).isEqualTo("!");
    assertThat(tokenizer.isSpecial(400)).isTrue();
    assertThat(tokenizer.decode(new int[] {400, 0}, true)).isEqualTo("!");
  }

  @Test
  void rolesComeFromTheModelWhereTheTokenizerDoesNotSay() throws IOException {
    Files.copy(GoldenCase.resource("gpt2/tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("config.json"), "{\"bos_token_id\": 400, \"eos_token_id\": [7, 8]}");
    Tokenizer tokenizer = Tokenizer.load(folder);
    assertThat(tokenizer.bosId()).hasValue(400);
    assertThat(tokenizer.eosId()).hasValue(7);
    assertThat(tokenizer.padId()).isEmpty();
  }

  @Test
  void threadsShareATokenizer() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(GoldenCase.resource("gpt2"));
    List<String> texts =
        IntStream.range(0, 2000)
            .mapToObj(i -> "harbour " + i + " lighthouse" + i % 7)
            .collect(Collectors.toList());
    List<String> decoded =
        texts.parallelStream()
            .map(text -> tokenizer.decode(tokenizer.encode(text)))
            .collect(Collectors.toList());
    assertThat(decoded).isEqualTo(texts);
  }

  /** Whatever is wrong with the files, the complaint names it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "[]~wanted a JSON object",
        "{\"model\": {\"vocab\": {\"a\": 0}~is the file complete",
        "{}~no \"model\"",
        "{\"model\": {\"merges\": []}}~needs a \"vocab\"",
        "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}~model.type is WordPiece",
        "{\"model\": {\"vocab\": [[\"a\", -1.5]]}}~Unigram",
        "{\"model\": {\"vocab\": {\"a\": \"b\"}}}~\"a\" needs a whole number, found b",
        "{\"model\": {\"vocab\": {\"a\": 2000000000}}}~\"a\" has the id 2000000000",
        "{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}}~needs the piece \"b\"",
        "{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [[\"a\", \"a\"]]}}~needs the piece \"aa\"",
        "{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [\"a\"]}}~two pieces with a space between",
        "{\"model\": {\"vocab\": {\"a\": 0, \"aa\": 1}, \"merges\": [[\"a\", \"a\", \"a\"]]}}~more"
            + " than two",
        "{\"model\": {\"vocab\": {\"a\": 0}, \"dropout\": 0.1}}~model.dropout is 0.1",
        "{\"model\": {\"vocab\": {}, \"end_of_word_suffix\": \"</w>\"}}~end_of_word_suffix is </w>",
        "{\"model\": {\"vocab\": {}}, \"normalizer\": {\"type\": \"Lowercase\"}}~\"Lowercase\"",
        "{\"model\": {\"vocab\": {}}, \"pre_tokenizer\": {\"type\": \"Bert\"}}~\"Bert\"",
        "{\"model\": {\"vocab\": {}}, \"decoder\": {\"type\": \"CTC\"}}~expected one of ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace, Sequence"
            + " as \"decoder.type\", found \"CTC\"",
        "{\"model\": {\"vocab\": {}}, \"post_processor\": {\"type\": \"Roberta\"}}~\"Roberta\"",
        "{\"model\": {\"vocab\": {}}, \"added_tokens\": [{\"content\": \"x\"}]}~added_tokens[0]",
        "{\"model\": {\"vocab\": {\"a\": 5}}, \"added_tokens\": [{\"content\": \"x\", \"id\": 6}]}"
            + "~gives \"x\" the id 6, wanted 1, the next one",
        "{\"model\": {\"vocab\": {\"a\": 5}}, \"added_tokens\": [{\"content\": \"a\", \"id\": 1}]}"
            + "~gives \"a\" the id 1, wanted 5, its id in the vocabulary",
        "{\"model\": {\"vocab\": {}}, \"added_tokens\": [{\"id\": 1}]}~expected a string as \"added_tokens[0].content\"",
        "{\"model\": {\"vocab\": {}}, \"pre_tokenizer\": {\"type\": \"Sequence\", "
            + "\"pretokenizers\": [{\"type\": \"Odd\"}]}}~pre_tokenizer.pretokenizers[0].type",
      })
  void complaintsNameWhatIsWrong(String json, String expected) {
    assertThatThrownBy(() -> GoldenCase.load(folder, json))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining(expected);
  }

  @Test
  void aFolderWithoutATokenizerIsAnError() {
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("wanted tokenizer.json, or vocab.json and merges.txt");
    assertThatThrownBy(() -> Tokenizer.load(folder.resolve("nowhere")))
        .hasMessageContaining("not a folder");
  }

  @Test
  void aByteOrderMarkIsNoMerge() throws IOException {
    Files.writeString(folder.resolve("vocab.json"), "\ufeff{\"a\": 0, \"b\": 1, \"ab\": 2}");
    Files.writeString(folder.resolve("merges.txt"), "\ufeff#version: 0.2\na b\n");
    assertThat(Tokenizer.load(folder).encode("ab")).containsExactly(2);
  }

  @Test
  void aMistakeInTheFileIsFound() throws IOException {
    String json = "{\n\"model\": {\"vocab\": {\"a\": 0,\n\"b\": x}}}";
    assertThatThrownBy(() -> GoldenCase.load(folder, json))
        .hasMessageContaining("tokenizer.json: expected JSON, found <")
        .hasMessageContaining("at line 3, column 6; correct it")
        .hasMessageNotContainingAny("Source", "Token");
  }

  @Test
  void filesOfAnotherClassNeedATokenizerJson() throws IOException {
    Files.writeString(folder.resolve("vocab.json"), "{}");
    Files.writeString(folder.resolve("merges.txt"), "");
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"CLIPTokenizer\"}");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("CLIPTokenizer")
        .hasMessageContaining("tokenizer.json");
  }

  @Test
  void anUnknownCharacterWithoutAnUnknownPieceIsAnError() throws IOException {
    String json = "{\"model\": {\"vocab\": {\"a\": 0}, \"merges\": [], \"unk_token\": \"?\"}}";
    Tokenizer tokenizer = GoldenCase.load(folder, json);
    assertThat(tokenizer.encode("aa")).containsExactly(0, 0);
    assertThatThrownBy(() -> tokenizer.encode("ab"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unk_token \"?\"");
  }
}
