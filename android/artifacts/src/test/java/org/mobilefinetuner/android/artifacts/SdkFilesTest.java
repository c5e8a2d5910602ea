package org.mobilefinetuner.android.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The AAR for apps and the jar for {@code app_process}. */
final class SdkFilesTest {
  @Test
  void archiveHasClassesManifestAndLibrary() throws Exception {
    assertThat(Built.names(Built.sdk(".aar")))
        .containsExactlyInAnyOrder(
            "AndroidManifest.xml",
            "R.txt",
            "classes.jar",
            "jni/arm64-v8a/" + Built.LIBRARY,
            "proguard.txt");
    assertThat(Built.bytes(Built.sdk(".aar"), "jni/arm64-v8a/" + Built.LIBRARY))
        .isEqualTo(Built.committedLibrary());
    assertThat(text("AndroidManifest.xml"))
        .contains("android:minSdkVersion=\"28\"")
        .contains("org.mobilefinetuner.android.FineTuningJobService");
    assertThat(text("proguard.txt")).contains("org.mobilefinetuner.jni.Library");
  }

  private static String text(String name) throws Exception {
    return new String(Built.bytes(Built.sdk(".aar"), name), StandardCharsets.UTF_8);
  }

  @Test
  void dexJarIsAWholeProgram() throws Exception {
    assertThat(Built.classes(Built.sdk("-dex.jar")))
        .hasSizeGreaterThan(500)
        .contains(
            "org/mobilefinetuner/android/shell/Main",
            "org/mobilefinetuner/kernel/Backends",
            "org/mobilefinetuner/jni/NativeKernelsProvider",
            "com/fasterxml/jackson/core/JsonFactory")
        .noneMatch(name -> name.startsWith("android/"));
  }

  @Test
  void dexIsOfTheOldestAndroid() throws Exception {
    byte[] dex = Built.bytes(Built.sdk("-dex.jar"), "classes.dex");
    // 039 is of API 28; devices refuse what is newer than they are.
    assertThat(new String(dex, 0, 7, StandardCharsets.US_ASCII)).isIn("dex\n038", "dex\n039");
  }
}
