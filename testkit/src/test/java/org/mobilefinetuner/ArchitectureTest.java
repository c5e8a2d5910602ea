package org.mobilefinetuner;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the packages of the core may know of each other, and what none of them may do. */
class ArchitectureTest {
  private static final String ROOT = "org.mobilefinetuner.";

  /** Each package with those that it may use. */
  private static final Map<String, Set<String>> ALLOWED =
      new TreeMap<>(
          Map.ofEntries(
              may("tensor"),
              may("kernel", "tensor"),
              may("io", "tensor"),
              may("text", "io"),
              may("autograd", "tensor", "kernel", "io"),
              may("optim", "tensor", "kernel", "io", "autograd"),
              may("metrics", "tensor", "kernel", "io", "autograd"),
              may("ops", "tensor", "kernel", "io", "autograd"),
              may("adapter", "tensor", "kernel", "io", "autograd", "ops"),
              may("model", "tensor", "kernel", "io", "autograd", "ops", "adapter"),
              may("data", "tensor", "kernel", "io", "ops", "text", "model"),
              may("memory", "tensor", "kernel", "io", "autograd", "ops", "adapter", "model"),
              may(
                  "generate",
                  "tensor",
                  "kernel",
                  "io",
                  "autograd",
                  "ops",
                  "adapter",
                  "model",
                  "text",
                  "data"),
              may(
                  "train",
                  "tensor",
                  "kernel",
                  "io",
                  "autograd",
                  "optim",
                  "metrics",
                  "ops",
                  "adapter",
                  "model",
                  "text",
                  "data",
                  "memory"),
              may(
                  "plan",
                  "tensor",
                  "kernel",
                  "io",
                  "autograd",
                  "ops",
                  "adapter",
                  "model",
                  "data",
                  "memory",
                  "train"),
              may(
                  "eval",
                  "tensor",
                  "kernel",
                  "io",
                  "autograd",
                  "optim",
                  "metrics",
                  "ops",
                  "adapter",
                  "model",
                  "text",
                  "data",
                  "memory",
                  "generate",
                  "train"),
              may(
                  "export",
                  "tensor",
                  "kernel",
                  "io",
                  "autograd",
                  "ops",
                  "adapter",
                  "model",
                  "text"),
              may("energy", "io", "metrics", "train"),
              may(
                  "measure", "tensor", "kernel", "io", "optim", "metrics", "adapter", "model",
                  "data", "train")));

  /**
   * The one exception: a model folder gives out the tokenizer that lies in it. The models
   * themselves know nothing of text, and text nothing of models.
   */
  private static final String MODEL_FOLDER = ROOT + "model.ModelFolder";

  private static final JavaClasses CORE =
      new ClassFileImporter(
              List.of(
                  ImportOption.Predefined.DO_NOT_INCLUDE_TESTS,
                  (Location location) -> !location.contains("/mobilefinetuner/testkit/")))
          .importPackages("org.mobilefinetuner");

  private static Map.Entry<String, Set<String>> may(String name, String... used) {
    return Map.entry(name, Set.of(used));
  }

  private static Set<String> packages(Stream<JavaClass> classes) {
    return classes.map(ArchitectureTest::packageOf).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String packageOf(JavaClass type) {
    String name = type.getPackageName();
    return name.startsWith(ROOT) ? name.substring(ROOT.length()).split("\\.", 2)[0] : "";
  }

  @Test
  void everyPackageHasItsPlace() {
    Set<String> packages = packages(CORE.stream());
    assertThat(packages).contains("tensor", "model", "train");
    assertThat(ALLOWED.keySet())
        .as("a new package has to be placed in the table above")
        .containsAll(packages);
  }

  @Test
  void packagesKnowOnlyThoseBelow() {
    TreeSet<String> violations = new TreeSet<>();
    for (JavaClass type : CORE) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        if (!isAllowed(type, dependency.getTargetClass().getBaseComponentType())) {
          violations.add(dependency.getDescription());
        }
      }
    }
    assertThat(violations).isEmpty();
  }

  private static boolean isAllowed(JavaClass from, JavaClass to) {
    String below = packageOf(to);
    boolean sameOrForeign = below.equals(packageOf(from)) || below.isEmpty();
    boolean tokenizerOfAFolder = from.getName().equals(MODEL_FOLDER) && below.equals("text");
    return sameOrForeign
        || tokenizerOfAFolder
        || ALLOWED.getOrDefault(packageOf(from), Set.of()).contains(below);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("org.mobilefinetuner.(*)..").should().beFreeOfCycles().check(CORE);
  }

  /** A library does not print: the command line does. */
  @Test
  void nothingIsPrinted() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CORE);
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "java.lang.reflect..", "java.lang.management..")
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(CORE);
  }

  @Test
  void nothingStaticCanChange() {
    fields()
        .that()
        .areStatic()
        .should()
        .beFinal()
        .andShould()
        .notHaveRawType(assignableToAny(MUTABLE))
        .check(CORE);
    // An array can be written to by whoever sees it.
    List<String> shared =
        CORE.stream()
            .flatMap(c -> c.getFields().stream())
            .filter(f -> f.getModifiers().contains(JavaModifier.STATIC))
            .filter(f -> f.getRawType().isArray())
            .filter(f -> !f.getModifiers().contains(JavaModifier.PRIVATE))
            .filter(f -> !f.getModifiers().contains(JavaModifier.SYNTHETIC))
            .map(JavaField::getFullName)
            .collect(Collectors.toList());
    assertThat(shared).as("static arrays that are not private").isEmpty();
  }

  private static final Class<?>[] MUTABLE = {
    java.util.concurrent.atomic.AtomicInteger.class,
    java.util.concurrent.atomic.AtomicLong.class,
    java.util.concurrent.atomic.AtomicBoolean.class,
    java.util.concurrent.atomic.AtomicReference.class,
    java.util.concurrent.ConcurrentMap.class,
    ThreadLocal.class,
    Lock.class,
    Executor.class,
    Random.class,
    StringBuilder.class,
    java.nio.Buffer.class
  };

  private static DescribedPredicate<JavaClass> assignableToAny(Class<?>... types) {
    return DescribedPredicate.describe(
        "holding state", type -> Arrays.stream(types).anyMatch(type::isAssignableTo));
  }

  /** Such names say nothing; the field has better ones. */
  @Test
  void namesSayWhatTheyAre() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameStartingWith("Abstract")
        .orShould()
        .haveSimpleNameStartingWith("Base")
        .check(CORE);
  }

  @Test
  void everyPackageChecksForNull() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .should()
        .beAnnotatedWith("org.jspecify.annotations.NullMarked")
        .check(CORE);
    Set<String> declared =
        packages(CORE.stream().filter(c -> c.getSimpleName().equals("package-info")));
    assertThat(declared).containsAll(packages(CORE.stream()));
  }
}
