package org.mobilefinetuner.testkit;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;

/** Files of this module's test resources. */
public final class Resources {
  private Resources() {}

  public static Path find(String path) throws IOException {
    URL url = Resources.class.getClassLoader().getResource(path);
    if (url == null) {
      throw new FileNotFoundException("no test resource " + path);
    }
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }
}
