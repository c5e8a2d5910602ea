package org.mobilefinetuner.android;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.NullUnmarked;
import org.junit.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the manifests promise Android about the services. */
@NullUnmarked
public class ManifestTest {
  private static final File ROOT = new File(System.getProperty("mft.root"), "android");

  private static Document manifest(String path) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new File(ROOT, path + "/AndroidManifest.xml"));
  }

  private static List<Element> elements(Document manifest, String tag) {
    NodeList found = manifest.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static String permissions(Document manifest) {
    StringBuilder all = new StringBuilder();
    for (Element permission : elements(manifest, "uses-permission")) {
      all.append(permission.getAttribute("android:name")).append(' ');
    }
    return all.toString();
  }

  /** Android 14 ends an app whose foreground service has no type, or not its permission. */
  private static void checkForeground(Document manifest) {
    Element service =
        elements(manifest, "service").stream()
            .filter(s -> s.getAttribute("android:name").equals(FineTuningService.class.getName()))
            .findFirst()
            .orElseThrow();
    assertThat(service.getAttribute("android:foregroundServiceType")).isEqualTo("dataSync");
    assertThat(service.getAttribute("android:exported")).isEqualTo("false");
    assertThat(permissions(manifest))
        .contains(
            "android.permission.FOREGROUND_SERVICE ",
            "android.permission.FOREGROUND_SERVICE_DATA_SYNC ",
            "android.permission.POST_NOTIFICATIONS ",
            "android.permission.WAKE_LOCK ");
  }

  @Test
  public void theServiceHasATypeAndItsPermission() throws Exception {
    checkForeground(manifest("sdk/src/main/aar"));
    checkForeground(manifest("app/src/main/apk"));
  }

  @Test
  public void onlyAndroidStartsTheJob() throws Exception {
    Document manifest = manifest("sdk/src/main/aar");
    Element service =
        elements(manifest, "service").stream()
            .filter(
                s -> s.getAttribute("android:name").equals(FineTuningJobService.class.getName()))
            .findFirst()
            .orElseThrow();
    assertThat(service.getAttribute("android:permission"))
        .isEqualTo("android.permission.BIND_JOB_SERVICE");
    assertThat(permissions(manifest)) // what setPersisted asks for
        .contains("android.permission.RECEIVE_BOOT_COMPLETED");
  }

  @Test
  public void nothingAsksForTheNetwork() throws Exception {
    assertThat(permissions(manifest("sdk/src/main/aar"))).doesNotContain("INTERNET");
    assertThat(permissions(manifest("app/src/main/apk"))).doesNotContain("INTERNET");
  }
}
