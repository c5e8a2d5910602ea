package org.mobilefinetuner.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file of a {@link FullDisk}. */
final class FullDiskChannel extends FileChannel {
  private final FileChannel real;
  private final FullDisk disk;

  FullDiskChannel(FileChannel real, FullDisk disk) {
    this.real = real;
    this.disk = disk;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return limited(from, real::write);
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    return limited(from, some -> real.write(some, position));
  }

  /** Writes to the real file. */
  private interface Write {
    int of(ByteBuffer some) throws IOException;
  }

  /** Writes as many bytes as there is room for, as a real disk does. */
  private int limited(ByteBuffer from, Write write) throws IOException {
    int some = disk.take(from.remaining());
    int limit = from.limit();
    from.limit(from.position() + some);
    try {
      return write.of(from);
    } finally {
      from.limit(limit);
    }
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      while (from[i].hasRemaining()) {
        sum += write(from[i]);
      }
    }
    return sum;
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    return real.read(to);
  }

  @Override
  public int read(ByteBuffer to, long position) throws IOException {
    return real.read(to, position);
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int length) throws IOException {
    return real.read(to, offset, length);
  }

  @Override
  public long position() throws IOException {
    return real.position();
  }

  @Override
  public FileChannel position(long position) throws IOException {
    real.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return real.size();
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    real.truncate(size);
    return this;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    real.force(metaData);
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) throws IOException {
    return real.transferTo(position, count, to);
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return real.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return real.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return real.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    real.close();
  }
}
