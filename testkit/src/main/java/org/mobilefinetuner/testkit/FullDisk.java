package org.mobilefinetuner.testkit;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * A disk that is full after some bytes: paths of real files to which writing ends with {@code No
 * space left on device}, in the middle of a write if need be.
 */
public final class FullDisk extends FileSystemProvider {
  private final FileSystemProvider real;
  private final FileSystem system;
  private final Path root;
  private long left;

  /**
   * @param folder a real folder
   * @param bytes that can be written
   */
  public FullDisk(Path folder, long bytes) {
    this.real = folder.getFileSystem().provider();
    this.system = new FullDiskSystem(folder.getFileSystem(), this);
    this.root = wrap(folder);
    this.left = bytes;
  }

  /** The folder, seen as one on this disk. */
  public Path path() {
    return root;
  }

  /** Makes room for as many bytes as are wanted. */
  public void empty() {
    left = Long.MAX_VALUE;
  }

  /** Takes up to {@code bytes} of what is left. */
  int take(int bytes) throws IOException {
    if (left == 0 && bytes > 0) {
      throw new IOException("No space left on device");
    }
    int some = (int) Math.min(left, bytes);
    left -= some;
    return some;
  }

  /** A path of this disk for one of the real file system. */
  Path wrap(Path path) {
    return (Path)
        Proxy.newProxyInstance(
            FullDisk.class.getClassLoader(),
            new Class<?>[] {Path.class, Wrapped.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "real" -> {
                  return path;
                }
                case "getFileSystem" -> {
                  return system;
                }
                case "iterator" -> {
                  return names(path);
                }
                default -> {
                  Object[] own = arguments == null ? new Object[0] : arguments.clone();
                  for (int i = 0; i < own.length; i++) {
                    own[i] = own[i] instanceof Wrapped other ? other.real() : own[i];
                  }
                  try {
                    Object result = method.invoke(path, own);
                    return result instanceof Path other ? wrap(other) : result;
                  } catch (InvocationTargetException e) {
                    throw requireNonNull(e.getCause());
                  }
                }
              }
            });
  }

  private Iterator<Path> names(Path path) {
    Iterator<Path> names = path.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return names.hasNext();
      }

      @Override
      public Path next() {
        return wrap(names.next());
      }
    };
  }

  /** What a path of this disk stands for. */
  interface Wrapped {
    Path real();
  }

  private static Path real(Path path) {
    return path instanceof Wrapped wrapped ? wrapped.real() : path;
  }

  @Override
  public String getScheme() {
    return "full";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    return system;
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return new FullDiskChannel(real.newFileChannel(real(path), options, attributes), this);
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return newFileChannel(path, options, attributes);
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path path, DirectoryStream.Filter<? super Path> filter) throws IOException {
    DirectoryStream<Path> files =
        real.newDirectoryStream(real(path), file -> filter.accept(wrap(file)));
    Iterator<Path> all = files.iterator();
    return new DirectoryStream<>() {
      @Override
      public Iterator<Path> iterator() {
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return all.hasNext();
          }

          @Override
          public Path next() {
            return wrap(all.next());
          }
        };
      }

      @Override
      public void close() throws IOException {
        files.close();
      }
    };
  }

  @Override
  public void createDirectory(Path path, FileAttribute<?>... attributes) throws IOException {
    real.createDirectory(real(path), attributes);
  }

  @Override
  public void delete(Path path) throws IOException {
    real.delete(real(path));
  }

  @Override
  public void copy(Path from, Path to, CopyOption... options) throws IOException {
    take((int) Files.size(real(from)));
    real.copy(real(from), real(to), options);
  }

  @Override
  public void move(Path from, Path to, CopyOption... options) throws IOException {
    real.move(real(from), real(to), options);
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return real.isSameFile(real(one), real(other));
  }

  @Override
  public boolean isHidden(Path path) throws IOException {
    return real.isHidden(real(path));
  }

  @Override
  public FileStore getFileStore(Path path) throws IOException {
    return real.getFileStore(real(path));
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    real.checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return real.getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return real.readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return real.readAttributes(real(path), names, options);
  }

  @Override
  public void setAttribute(Path path, String name, Object value, LinkOption... options)
      throws IOException {
    real.setAttribute(real(path), name, value, options);
  }
}
