package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** The lines for Android in README.md. */
@NullUnmarked
public class ReadmeTest {
  private static final Path README = Path.of(System.getProperty("mft.root"), "README.md");
  private static final Pattern LINES =
      Pattern.compile("<!-- A test of the Android SDK .*? -->\n```java\n(.*?)```", Pattern.DOTALL);

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void tenLinesFineTuneInAnApp() throws Exception {
    Matcher found = LINES.matcher(Files.readString(README));
    assertThat(found.find()).isTrue();
    String lines = found.group(1);
    List<String> written = lines.lines().filter(line -> !line.isBlank()).toList();
    assertThat(written.size()).isLessThanOrEqualTo(10);
    assertThat(written).allMatch(line -> line.length() <= 100);

    String program =
        """
      import android.content.Context;
      import java.io.IOException;
      import java.nio.file.Path;
      import java.util.function.Consumer;
      import org.mobilefinetuner.android.*;

      final class Lines {
        void learn(
            Context context, Path model, Path notes, Path output, Consumer<String> answer)
            throws IOException {
      %s
        }
      }
      """
            .formatted(lines);
    Path source = folder.getRoot().toPath().resolve("Lines.java");
    Files.writeString(source, program);
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    int errors =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                told,
                told,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.getRoot().toString(),
                source.toString());
    assertThat(errors).as(told.toString(StandardCharsets.UTF_8)).isZero();
  }
}
