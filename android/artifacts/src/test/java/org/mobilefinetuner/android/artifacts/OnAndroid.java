package org.mobilefinetuner.android.artifacts;

import org.mobilefinetuner.android.shell.Main;

/** The command line in a virtual machine that calls itself as Android's does. */
final class OnAndroid {
  private OnAndroid() {}

  public static void main(String[] args) {
    System.setProperty("java.vm.name", "Dalvik");
    Main.main(args);
  }
}
