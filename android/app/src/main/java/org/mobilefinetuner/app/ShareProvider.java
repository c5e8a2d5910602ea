package org.mobilefinetuner.app;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.content.Context;
import android.content.Intent;
import android.database.Cursor;
import android.database.MatrixCursor;
import android.net.Uri;
import android.os.ParcelFileDescriptor;
import android.provider.OpenableColumns;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.android.AdapterArchive;

/** Lets another app read the adapters that a person shares with it, and nothing else. */
public final class ShareProvider extends ContentProvider {
  private static final String AUTHORITY = "org.mobilefinetuner.app.share";
  private static final String TYPE = "application/zip";

  /** Packs the adapter of a run; gives what asks the person where to send it. */
  static Intent share(Context context, Path run) throws IOException {
    Path folder = Files.createDirectories(folder(context));
    Path zip = folder.resolve(run.getFileName() + ".zip");
    AdapterArchive.write(run, zip);
    Uri uri =
        new Uri.Builder()
            .scheme("content")
            .authority(AUTHORITY)
            .appendPath(zip.getFileName().toString())
            .build();
    Intent send =
        new Intent(Intent.ACTION_SEND)
            .setType(TYPE)
            .putExtra(Intent.EXTRA_STREAM, uri)
            .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION);
    return Intent.createChooser(send, null);
  }

  private static Path folder(Context context) {
    return Paths.get(context.getCacheDir().getPath(), "share");
  }

  private File file(Uri uri) throws FileNotFoundException {
    Context context = getContext();
    String name = uri.getLastPathSegment();
    if (context == null || name == null || name.contains("/") || name.equals("..")) {
      throw new FileNotFoundException(String.valueOf(uri));
    }
    return folder(context).resolve(name).toFile();
  }

  @Override
  public boolean onCreate() {
    return true;
  }

  @Override
  public ParcelFileDescriptor openFile(Uri uri, String mode) throws FileNotFoundException {
    return ParcelFileDescriptor.open(file(uri), ParcelFileDescriptor.MODE_READ_ONLY);
  }

  @Override
  public @Nullable Cursor query(
      Uri uri,
      String @Nullable [] projection,
      @Nullable String selection,
      String @Nullable [] arguments,
      @Nullable String order) {
    try {
      File file = file(uri);
      MatrixCursor cursor =
          new MatrixCursor(new String[] {OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE});
      cursor.addRow(new Object[] {file.getName(), file.length()});
      return cursor;
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  @Override
  public String getType(Uri uri) {
    return TYPE;
  }

  @Override
  public @Nullable Uri insert(Uri uri, @Nullable ContentValues values) {
    throw new UnsupportedOperationException("files are only read");
  }

  @Override
  public int delete(Uri uri, @Nullable String selection, String @Nullable [] arguments) {
    throw new UnsupportedOperationException("files are only read");
  }

  @Override
  public int update(
      Uri uri,
      @Nullable ContentValues values,
      @Nullable String selection,
      String @Nullable [] arguments) {
    throw new UnsupportedOperationException("files are only read");
  }
}
