package org.mobilefinetuner.android.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import com.android.apksig.ApkVerifier;
import com.reandroid.arsc.chunk.xml.AndroidManifestBlock;
import com.reandroid.arsc.chunk.xml.ResXmlElement;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a phone and its owner are told of the app, and what they get. */
final class ApkTest {
  private static final int PAGE = 1 << 14; // bytes, of the devices with the largest pages

  @Test
  void signatureIsValid() throws Exception {
    int firstWithV2 = 24; // from 28 on, only v3 would be looked at
    ApkVerifier.Result result =
        new ApkVerifier.Builder(Built.apk().toFile())
            .setMinCheckedPlatformVersion(firstWithV2)
            .build()
            .verify();
    assertThat(result.getAllErrors()).isEmpty();
    assertThat(result.isVerified()).isTrue();
    assertThat(result.isVerifiedUsingV2Scheme()).isTrue();
    assertThat(result.isVerifiedUsingV3Scheme()).isTrue();
  }

  @Test
  void libraryCanBeMappedFromTheApk() throws Exception {
    String name = "lib/arm64-v8a/" + Built.LIBRARY;
    assertThat(Built.bytes(Built.apk(), name)).isEqualTo(Built.committedLibrary());
    assertThat(Built.isStored(Built.apk(), name)).as("stored uncompressed").isTrue();
    assertThat(Built.offset(Built.apk(), name) % PAGE).as("offset within a page").isZero();
  }

  @Test
  void manifestAsksForNoMoreThanItNeeds() throws Exception {
    AndroidManifestBlock manifest = manifest();
    assertThat(manifest.getPackageName()).isEqualTo("org.mobilefinetuner.app");
    assertThat(manifest.getMinSdkVersion()).isEqualTo(28);
    assertThat(manifest.getTargetSdkVersion()).isEqualTo(34);
    List<String> permissions = new ArrayList<>();
    for (String permission : manifest.getUsesPermissions()) {
      permissions.add(permission);
    }
    assertThat(permissions)
        .containsExactlyInAnyOrder(
            "android.permission.FOREGROUND_SERVICE",
            "android.permission.FOREGROUND_SERVICE_DATA_SYNC",
            "android.permission.POST_NOTIFICATIONS",
            "android.permission.WAKE_LOCK");
    assertThat(manifest.getMainActivityClassName())
        .isEqualTo("org.mobilefinetuner.app.MainActivity");
    assertThat(extractNativeLibs(manifest)).isFalse();
  }

  @Test
  void everyComponentIsInTheDex() throws Exception {
    List<String> components = new ArrayList<>();
    AndroidManifestBlock manifest = manifest();
    for (String tag : List.of("activity", "service", "provider", "receiver")) {
      manifest
          .getApplicationElement()
          .getElements(tag)
          .forEachRemaining(
              element -> components.add(AndroidManifestBlock.getAndroidNameValue(element)));
    }
    assertThat(components).contains("org.mobilefinetuner.android.FineTuningService");
    assertThat(Built.classes(Built.apk()))
        .hasSizeGreaterThan(500)
        .contains("org/mobilefinetuner/jni/NativeKernelsProvider")
        .containsAll(components.stream().map(name -> name.replace('.', '/')).toList());
  }

  @Test
  void demoIsInside() throws Exception {
    assertThat(Built.names(Built.apk()))
        .contains("assets/quickstart/train.jsonl", "assets/quickstart/model/config.json")
        .doesNotContain("org/mobilefinetuner/jni/libmft-x86-64-v3.so");
  }

  private static boolean extractNativeLibs(AndroidManifestBlock manifest) {
    ResXmlElement application = manifest.getApplicationElement();
    return application.searchAttributeByName("extractNativeLibs").getValueAsBoolean();
  }

  private static AndroidManifestBlock manifest() throws Exception {
    return AndroidManifestBlock.load(
        new ByteArrayInputStream(Built.bytes(Built.apk(), "AndroidManifest.xml")));
  }
}
