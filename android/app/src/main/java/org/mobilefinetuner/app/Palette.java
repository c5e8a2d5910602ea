package org.mobilefinetuner.app;

import android.content.Context;
import android.content.res.Configuration;

/**
 * The colours of the app by day and by night. Text has a contrast of at least 4.5 to what it is on.
 *
 * @param series of curves that are compared
 */
record Palette(
    boolean night,
    int background,
    int card,
    int ink,
    int muted,
    int accent,
    int onAccent,
    int line,
    int warning,
    int[] series) {
  private static final Palette DAY =
      new Palette(
          false,
          0xfff3f6f4,
          0xffffffff,
          0xff14201b,
          0xff52615a,
          0xff0a6a52,
          0xffffffff,
          0xffd3dbd7,
          0xff9a3412,
          new int[] {0xff0a6a52, 0xffb4531a, 0xff3857c4, 0xff873aa0});

  private static final Palette NIGHT =
      new Palette(
          true,
          0xff0f1412,
          0xff1a211e,
          0xffe7eeea,
          0xffa4b2ab,
          0xff63d6b1,
          0xff05271c,
          0xff35423c,
          0xffffb38a,
          new int[] {0xff63d6b1, 0xfff2a65a, 0xff9db2ff, 0xffdd9cf0});

  static Palette of(Context context) {
    int mode = context.getResources().getConfiguration().uiMode;
    return (mode & Configuration.UI_MODE_NIGHT_MASK) == Configuration.UI_MODE_NIGHT_YES
        ? NIGHT
        : DAY;
  }
}
