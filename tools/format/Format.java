import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * google-java-format over every source file below a folder: {@code Format.java check|write FOLDER}.
 *
 * <p>{@code check} names the files that are not formatted and exits with 1; {@code write} rewrites
 * them. Build outputs and hidden folders are left out.
 */
final class Format {
  public static void main(String[] args) throws IOException {
    if (args.length != 2 || !List.of("check", "write").contains(args[0])) {
      System.err.println("usage: Format.java check|write FOLDER");
      System.exit(2);
    }
    boolean write = args[0].equals("write");
    List<String> findings = new ArrayList<>();
    for (Path file : sources(Path.of(args[1]))) {
      String text = Files.readString(file);
      try {
        String formatted = format(text);
        if (!formatted.equals(text)) {
          if (write) {
            Files.writeString(file, formatted);
            System.out.println("formatted " + file);
          } else {
            findings.add(file + ": not formatted");
          }
        }
      } catch (FormatterException e) {
        findings.add(file + ":" + e.getMessage());
      }
    }
    if (!findings.isEmpty()) {
      findings.forEach(System.err::println);
      System.err.println("To format: mvn -N validate -Dformat.mode=write");
      System.exit(1);
    }
  }

  private static String format(String text) throws FormatterException {
    String imports = RemoveUnusedImports.removeUnusedImports(text);
    return new Formatter().formatSource(ImportOrderer.reorderImports(imports, Style.GOOGLE));
  }

  private static List<Path> sources(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = dir.getFileName().toString();
            boolean hidden = name.startsWith(".") && !dir.equals(folder);
            return hidden || name.equals("target")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }
}
