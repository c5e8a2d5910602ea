import com.android.apksig.ApkSigner;
import com.android.apksig.ApkVerifier;
import com.reandroid.apk.ApkModule;
import com.reandroid.archive.ByteInputSource;
import com.reandroid.archive.FileInputSource;
import com.reandroid.arsc.chunk.PackageBlock;
import com.reandroid.arsc.chunk.TableBlock;
import com.reandroid.arsc.chunk.xml.AndroidManifestBlock;
import com.reandroid.xml.XMLFactory;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;

/**
 * Makes an APK of a manifest, a dex jar and a folder of what else it contains ({@code assets},
 * {@code lib}), and signs it with a key that is made for it: {@code java -cp ARSCLib:apksig
 * PackageApk.java MANIFEST DEX_JAR CONTENTS APK}.
 */
class PackageApk {
  private static final int FRAMEWORK = 34;
  private static final int MIN_SDK = 28;
  private static final int PAGE = 16 << 10; // bytes, of the devices with the largest pages
  private static final char[] PASSWORD = "android".toCharArray(); // as every debug key has it
  private static final String ALIAS = "debug";

  public static void main(String[] args) throws Exception {
    Path manifest = Path.of(args[0]);
    Path dex = Path.of(args[1]);
    Path contents = Path.of(args[2]);
    Path apk = Path.of(args[3]);
    File unsigned = new File(apk + ".unsigned");
    build(manifest, dex, contents).writeApk(unsigned);
    sign(unsigned, apk.toFile(), key(apk.resolveSibling("debug.p12")));
    Files.delete(unsigned.toPath());
    verify(apk.toFile());
  }

  private static ApkModule build(Path manifest, Path dex, Path contents) throws Exception {
    ApkModule module = new ApkModule();
    TableBlock table = new TableBlock();
    module.setTableBlock(table);
    module.initializeAndroidFramework(table, FRAMEWORK);
    PackageBlock resources = table.newPackage(0x7f, "org.mobilefinetuner.app");
    resources
        .getOrCreate("xxxhdpi", "mipmap", "ic_launcher")
        .setValueAsString("res/ic_launcher.png");
    module.add(new ByteInputSource(icon(192), "res/ic_launcher.png"));

    AndroidManifestBlock block = new AndroidManifestBlock();
    module.setManifest(block);
    block.setPackageBlock(resources);
    block.parse(XMLFactory.newPullParser(manifest.toFile()));
    module.refreshTable();
    module.refreshManifest();

    try (ZipFile classes = new ZipFile(dex.toFile())) {
      for (var entry : classes.stream().filter(e -> !e.isDirectory()).toList()) {
        if (!entry.getName().startsWith("META-INF/MANIFEST")) {
          try (InputStream in = classes.getInputStream(entry)) {
            module.add(new ByteInputSource(in.readAllBytes(), entry.getName()));
          }
        }
      }
    }
    module.getUncompressedFiles().addExtension(".so"); // mapped from the APK, not copied out of it
    try (var files = Files.walk(contents)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = contents.relativize(file).toString().replace('\\', '/');
        module.add(new FileInputSource(file.toFile(), name));
      }
    }
    return module;
  }

  /** A falling curve of loss, as the app draws it. */
  private static byte[] icon(int size) throws IOException {
    BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_ARGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    double u = size / 48.0;
    g.setColor(new Color(0x0a6a52));
    g.fill(new RoundRectangle2D.Double(2 * u, 2 * u, 44 * u, 44 * u, 22 * u, 22 * u));
    g.setColor(new Color(0xffffff));
    g.setStroke(new BasicStroke((float) (3.4 * u), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    Path2D curve = new Path2D.Double();
    curve.moveTo(12 * u, 12 * u);
    curve.curveTo(14 * u, 28 * u, 20 * u, 34 * u, 36 * u, 35 * u);
    g.draw(curve);
    g.setColor(new Color(0x63d6b1));
    g.fill(new java.awt.geom.Ellipse2D.Double(31.5 * u, 30.5 * u, 9 * u, 9 * u));
    g.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    return png.toByteArray();
  }

  /** A key of this build: an app that is installed is replaced by builds with the same one only. */
  private static KeyStore key(Path file) throws Exception {
    if (!Files.exists(file)) {
      Process keytool =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                  "-genkeypair",
                  "-keystore",
                  file.toString(),
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  new String(PASSWORD),
                  "-alias",
                  ALIAS,
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-validity",
                  "10000",
                  "-dname",
                  "CN=Debug")
              .inheritIO()
              .start();
      if (keytool.waitFor() != 0) {
        throw new IOException("keytool has made no key in " + file);
      }
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static void sign(File unsigned, File apk, KeyStore store) throws Exception {
    var signer =
        new ApkSigner.SignerConfig.Builder(
                ALIAS,
                (PrivateKey) store.getKey(ALIAS, PASSWORD),
                List.of((X509Certificate) store.getCertificate(ALIAS)))
            .build();
    new ApkSigner.Builder(List.of(signer))
        .setInputApk(unsigned)
        .setOutputApk(apk)
        .setV1SigningEnabled(false)
        .setV2SigningEnabled(true)
        .setV3SigningEnabled(true)
        .setMinSdkVersion(MIN_SDK)
        .setLibraryPageAlignmentBytes(PAGE)
        .build()
        .sign();
  }

  private static void verify(File apk) throws Exception {
    ApkVerifier.Result result =
        new ApkVerifier.Builder(apk).setMinCheckedPlatformVersion(MIN_SDK).build().verify();
    if (!result.isVerified() || !result.isVerifiedUsingV3Scheme()) {
      throw new IOException("the signature of " + apk + " is not valid: " + result.getAllErrors());
    }
    System.out.printf("%s: %,d bytes, signature verified%n", apk, apk.length());
  }
}
