package org.mobilefinetuner.jni;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** As much of a 64-bit, little-endian ELF file as the rules for our libraries are about. */
final class ElfFile {
  /** A part of the file that is mapped. */
  record Load(long offset, long address, long align, boolean writable, boolean executable) {}

  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_TLS = 7;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int DT_NEEDED = 1;
  private static final int SHT_DYNSYM = 11;

  private final ByteBuffer bytes;
  private final List<Load> loads = new ArrayList<>();
  private final List<Integer> kinds = new ArrayList<>();
  private boolean stackExecutable = true;
  private long dynamic;
  private long dynamicBytes;

  ElfFile(byte[] file) {
    bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.getInt(0) != 0x464c457f || bytes.get(4) != 2 || bytes.get(5) != 1) {
      throw new IllegalArgumentException("expected a 64-bit little-endian ELF file");
    }
    int at = (int) bytes.getLong(32);
    for (int i = 0; i < bytes.getShort(56); i++, at += bytes.getShort(54)) {
      segment(at);
    }
  }

  private void segment(int at) {
    int kind = bytes.getInt(at);
    int flags = bytes.getInt(at + 4);
    long offset = bytes.getLong(at + 8);
    long address = bytes.getLong(at + 16);
    kinds.add(kind);
    switch (kind) {
      case PT_LOAD ->
          loads.add(
              new Load(
                  offset, address, bytes.getLong(at + 48), (flags & 2) != 0, (flags & 1) != 0));
      case PT_GNU_STACK -> stackExecutable = (flags & 1) != 0;
      case PT_DYNAMIC -> {
        dynamic = offset;
        dynamicBytes = bytes.getLong(at + 32);
      }
      default -> {}
    }
  }

  /** The machine that it is for: 183 for arm64, 62 for x86-64. */
  int machine() {
    return bytes.getShort(18);
  }

  List<Load> loads() {
    return loads;
  }

  boolean stackExecutable() {
    return stackExecutable;
  }

  /** Whether it has variables of threads. */
  boolean hasThreadLocals() {
    return kinds.contains(PT_TLS);
  }

  /** How many other libraries it needs. */
  int needed() {
    int count = 0;
    for (long at = dynamic; at < dynamic + dynamicBytes; at += 16) {
      count += bytes.getLong((int) at) == DT_NEEDED ? 1 : 0;
    }
    return count;
  }

  /** The names that others see and that it wants of others; an undefined one begins with "?". */
  List<String> symbols() {
    List<String> names = new ArrayList<>();
    int headers = (int) bytes.getLong(40);
    int size = bytes.getShort(58);
    for (int i = 0; i < bytes.getShort(60); i++) {
      int section = headers + i * size;
      if (bytes.getInt(section + 4) == SHT_DYNSYM) {
        int strings = headers + bytes.getInt(section + 40) * size;
        symbols(
            (int) bytes.getLong(section + 24), (int) bytes.getLong(section + 32), strings, names);
      }
    }
    return names;
  }

  private void symbols(int from, int count, int strings, List<String> names) {
    for (int at = from + 24; at < from + count; at += 24) { // the first is empty
      int name = (int) bytes.getLong(strings + 24) + bytes.getInt(at);
      boolean undefined = bytes.getShort(at + 6) == 0;
      names.add((undefined ? "?" : "") + string(name));
    }
  }

  private String string(int at) {
    int end = at;
    while (bytes.get(end) != 0) {
      end++;
    }
    return new String(bytes.array(), at, end - at, StandardCharsets.US_ASCII);
  }
}
