package org.mobilefinetuner.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MethodRefEntry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No class of this module calls what gives other bits once it is compiled: sums of lanes, and the
 * library's transcendental functions.
 */
final class SameBitsRulesTest {
  private static final Set<String> TRANSCENDENTAL =
      Set.of(
          "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "EXP", "LOG", "LOG10", "SINH", "COSH",
          "TANH", "EXPM1", "LOG1P", "CBRT", "ATAN2", "POW", "HYPOT");
  private static final Set<String> MATH =
      Set.of("exp", "log", "tanh", "sinh", "cosh", "pow", "sin", "cos", "tan", "expm1", "log1p");

  @Test
  void noClassUsesWhatChangesBits() throws IOException, URISyntaxException {
    Path classes =
        Path.of(VectorKernels.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Path> files;
    try (Stream<Path> found = Files.walk(classes)) {
      files = found.filter(f -> f.toString().endsWith(".class")).toList();
    }
    assertThat(files).hasSizeGreaterThan(10);
    Set<String> broken = new TreeSet<>();
    for (Path file : files) {
      broken.addAll(violations(ClassFile.of().parse(file)));
    }
    assertThat(broken).isEmpty();
  }

  /** The rule sees what it is looking for. */
  @Test
  void violationsAreFound() throws IOException {
    String file = "/" + Forbidden.class.getName().replace('.', '/') + ".class";
    byte[] bytes;
    try (var in = SameBitsRulesTest.class.getResourceAsStream(file)) {
      bytes = in == null ? new byte[0] : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(violations(ClassFile.of().parse(bytes))).hasSize(3);
  }

  private static Set<String> violations(ClassModel model) {
    Set<String> broken = new TreeSet<>();
    for (var entry : model.constantPool()) {
      String owner = "";
      String name = "";
      if (entry instanceof MethodRefEntry method) {
        owner = method.owner().asInternalName();
        name = method.name().stringValue();
      } else if (entry instanceof FieldRefEntry field) {
        owner = field.owner().asInternalName();
        name = field.name().stringValue();
      }
      boolean sum = name.equals("reduceLanes") && owner.startsWith("jdk/incubator/vector/");
      boolean function = owner.endsWith("/VectorOperators") && TRANSCENDENTAL.contains(name);
      if (sum || function || (owner.equals("java/lang/Math") && MATH.contains(name))) {
        broken.add(model.thisClass().asInternalName() + " uses " + owner + "." + name);
      }
    }
    return broken;
  }

  private static final class Forbidden {
    @SuppressWarnings("unused")
    float sum(jdk.incubator.vector.FloatVector v) {
      return v.lanewise(jdk.incubator.vector.VectorOperators.EXP)
              .reduceLanes(jdk.incubator.vector.VectorOperators.ADD)
          + (float) Math.exp(1);
    }
  }
}
