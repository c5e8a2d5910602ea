package org.mobilefinetuner.app;

import android.content.ContentResolver;
import android.database.Cursor;
import android.net.Uri;
import android.provider.DocumentsContract;
import android.provider.DocumentsContract.Document;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.io.AtomicFile;
import org.mobilefinetuner.io.AtomicFolder;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.model.ModelFolder;

/**
 * Copies what a person has chosen into the app's own files: a run maps its model into memory, which
 * only works with files. Not on the main thread.
 */
final class Importer {
  private final ContentResolver resolver;
  private final Library library;

  Importer(ContentResolver resolver, Library library) {
    this.resolver = resolver;
    this.library = library;
  }

  /** Copies a data file; gives its name. */
  String data(Uri document) throws IOException {
    String name = name(document);
    Path to = library.dataFile(name);
    Files.createDirectories(to.getParent());
    copy(document, to);
    return name;
  }

  /**
   * Copies the folder of a model; gives its name.
   *
   * @throws FormatException if it holds no model that is supported
   */
  String model(Uri tree) throws IOException {
    String root = DocumentsContract.getTreeDocumentId(tree);
    String name = name(DocumentsContract.buildDocumentUriUsingTree(tree, root));
    Path to = library.model(name);
    Path unfinished = to.resolveSibling(name + ".tmp");
    AtomicFolder.delete(unfinished);
    Files.createDirectories(unfinished);
    for (Map.Entry<String, Uri> file : files(tree, root).entrySet()) {
      copy(file.getValue(), unfinished.resolve(file.getKey()));
    }
    ModelFolder.open(unfinished).close(); // a folder of something else ends here
    AtomicFolder.delete(to);
    Files.move(unfinished, to);
    return name;
  }

  /** The files of a model among those in a folder, by name. */
  private Map<String, Uri> files(Uri tree, String root) {
    Uri children = DocumentsContract.buildChildDocumentsUriUsingTree(tree, root);
    String[] columns = {Document.COLUMN_DOCUMENT_ID, Document.COLUMN_DISPLAY_NAME};
    Map<String, Uri> files = new LinkedHashMap<>();
    try (@Nullable Cursor rows = resolver.query(children, columns, null, null, null)) {
      while (rows != null && rows.moveToNext()) {
        String file = rows.getString(1);
        if (file.matches("[A-Za-z0-9_.-]+\\.(json|safetensors|txt|jinja)")) {
          files.put(file, DocumentsContract.buildDocumentUriUsingTree(tree, rows.getString(0)));
        }
      }
    }
    return files;
  }

  private String name(Uri document) throws IOException {
    String[] columns = {Document.COLUMN_DISPLAY_NAME};
    try (@Nullable Cursor rows = resolver.query(document, columns, null, null, null)) {
      if (rows == null || !rows.moveToFirst()) {
        throw new IOException("expected a document with a name, found none at " + document);
      }
      return rows.getString(0).replace('/', '_');
    }
  }

  private void copy(Uri document, Path to) throws IOException {
    try (@Nullable InputStream in = resolver.openInputStream(document)) {
      if (in == null) {
        throw new IOException("expected a document that can be read, found " + document);
      }
      AtomicFile.write(to, out -> Streams.copy(in, out));
    }
  }
}
