package org.mobilefinetuner.metrics;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A file of scalars that TensorBoard reads: TFRecords (<a
 * href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">format</a>),
 * each an {@code Event} of TensorFlow's {@code event.proto}. Every record is written at once, so a
 * reader sees all that were complete when a process was killed.
 */
final class EventFile implements Closeable {
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;

  private final FileChannel out;

  /**
   * Begins a new file.
   *
   * @param seconds the time, since 1970
   */
  EventFile(Path file, double seconds) throws IOException {
    out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    record(new ProtobufMessage().number(WALL_TIME, seconds).text(FILE_VERSION, "brain.Event:2"));
  }

  /**
   * Adds values of one moment.
   *
   * @param seconds the time, since 1970
   * @param scalars by their tags, such as {@code train/loss}
   */
  void add(double seconds, long step, Map<String, Float> scalars) throws IOException {
    ProtobufMessage summary = new ProtobufMessage();
    scalars.forEach(
        (tag, value) ->
            summary.message(
                SUMMARY_VALUE,
                new ProtobufMessage().text(VALUE_TAG, tag).number(VALUE_SIMPLE, value)));
    record(
        new ProtobufMessage()
            .number(WALL_TIME, seconds)
            .integer(STEP, step)
            .message(SUMMARY, summary));
  }

  /** Length, its checksum, the bytes, their checksum. */
  private void record(ProtobufMessage event) throws IOException {
    byte[] data = event.bytes();
    ByteBuffer bytes = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(data.length);
    bytes.putInt(Crc32c.masked(bytes.array(), 0, Long.BYTES));
    bytes.put(data);
    bytes.putInt(Crc32c.masked(data, 0, data.length));
    ByteBuffer whole = ByteBuffer.wrap(bytes.array());
    while (whole.hasRemaining()) {
      out.write(whole);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
