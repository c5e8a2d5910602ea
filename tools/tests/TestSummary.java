import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The sum of the test reports of all modules below the working directory: {@code TestSummary.java
 * [SINCE]}.
 *
 * <p>A skipped test looks green; here it is counted, with its reason. Reports written before the
 * instant SINCE belong to an earlier build and are left out. Runs on Java 17.
 */
final class TestSummary {
  private int run;
  private int failed;
  private final Map<String, Integer> skipped = new TreeMap<>();

  public static void main(String[] args) throws IOException, XMLStreamException {
    Instant since = args.length > 0 ? Instant.parse(args[0]) : Instant.EPOCH;
    TestSummary summary = new TestSummary();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(""))) {
      for (Path module : modules) {
        Path reports = module.resolve("target/surefire-reports");
        if (Files.isDirectory(reports)) {
          summary.addAll(reports, since);
        }
      }
    }
    summary.print();
  }

  private void addAll(Path reports, Instant since) throws IOException, XMLStreamException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(reports, "TEST-*.xml")) {
      for (Path file : files) {
        if (!Files.getLastModifiedTime(file).toInstant().isBefore(since)) {
          add(file);
        }
      }
    }
  }

  private void add(Path report) throws IOException, XMLStreamException {
    try (InputStream in = Files.newInputStream(report)) {
      XMLStreamReader xml = XMLInputFactory.newDefaultFactory().createXMLStreamReader(in);
      while (xml.hasNext()) {
        if (xml.next() != XMLStreamReader.START_ELEMENT) {
          continue;
        }
        switch (xml.getLocalName()) {
          case "testsuite" -> {
            run += count(xml, "tests");
            failed += count(xml, "failures") + count(xml, "errors");
          }
          case "skipped" -> skipped.merge(reason(xml), 1, Integer::sum);
          default -> {}
        }
      }
    }
  }

  private static int count(XMLStreamReader xml, String attribute) {
    return Integer.parseInt(xml.getAttributeValue(null, attribute));
  }

  /** The message of a disabled test, or the first line of a failed assumption. */
  private static String reason(XMLStreamReader xml) throws XMLStreamException {
    String message = xml.getAttributeValue(null, "message");
    String text = message != null ? message : xml.getElementText();
    String line = text.strip().lines().findFirst().orElse("");
    return line.replaceFirst("^[\\w.$]+Exception:? ?", "")
        .replaceFirst("^Assumption failed:? ?", "");
  }

  private void print() {
    int sum = skipped.values().stream().mapToInt(Integer::intValue).sum();
    System.out.printf(
        "Tests of all modules: %d run, %d passed, %d failed, %d skipped%n",
        run, run - failed - sum, failed, sum);
    skipped.forEach(
        (reason, times) ->
            System.out.printf(
                "  %d skipped: %s%n", times, reason.isEmpty() ? "no reason given" : reason));
  }
}
