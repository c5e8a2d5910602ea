package org.mobilefinetuner.cli.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.JsonObject;

/**
 * The page that shows runs: one file with its data, styles and scripts, so that it can be kept and
 * sent. The charts are drawn by uPlot, which is taken from the class path.
 */
public final class ReportPage {
  /** What it is called in the folder of a run. */
  public static final String NAME = "report.html";

  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");
  private static final List<String> SCRIPTS =
      List.of("format.js", "charts.js", "sections.js", "report.js");

  private ReportPage() {}

  /**
   * Writes the page.
   *
   * @param runs their folders; the first is the one that the others are compared with
   */
  public static void write(Path page, List<Path> runs) throws IOException {
    List<JsonObject> data = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Path folder : runs) {
      RunRecord run = RunRecord.read(folder);
      names.add(run.name());
      data.add(new RunData(run).json());
    }
    StringBuilder scripts = new StringBuilder();
    for (String script : SCRIPTS) {
      scripts.append(own(script)).append('\n');
    }
    Map<String, String> parts =
        Map.of(
            "title", escaped(String.join(" and ", names)),
            "style", chartLibrary("dist/uPlot.min.css") + "\n" + own("report.css"),
            "license", chartLibrary("LICENSE").replace("*/", "* /"),
            "library", chartLibrary("dist/uPlot.iife.min.js"),
            "script", scripts.toString(),
            "data", inScript(JsonObject.empty().put("runs", data)));
    AtomicFile.write(page, filled(own("report.html"), parts));
  }

  /** Each place once: what is put in is not looked at again. */
  private static String filled(String template, Map<String, String> parts) {
    return PLACE
        .matcher(template)
        .replaceAll(place -> Matcher.quoteReplacement(String.valueOf(parts.get(place.group(1)))));
  }

  /** JSON that cannot end the element that it stands in. */
  static String inScript(JsonObject data) {
    return data.toString().replace("<", "\\u003c");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static String own(String name) throws IOException {
    return text(ReportPage.class.getResourceAsStream(name), name);
  }

  private static String chartLibrary(String name) throws IOException {
    Properties facts = new Properties();
    String where = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";
    try (InputStream in = found(ReportPage.class.getResourceAsStream(where), where)) {
      facts.load(in);
    }
    String file = "/META-INF/resources/webjars/uplot/" + facts.getProperty("version") + "/" + name;
    return text(ReportPage.class.getResourceAsStream(file), file);
  }

  private static String text(@Nullable InputStream resource, String name) throws IOException {
    try (InputStream in = found(resource, name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream found(@Nullable InputStream resource, String name)
      throws FileNotFoundException {
    if (resource == null) {
      throw new FileNotFoundException(
          "expected " + name + " on the class path, found none; start with ./mft");
    }
    return resource;
  }
}
