import java.text.Normalizer;
import java.text.Normalizer.Form;

/**
 * Prints texts and their normal forms as the JDK has them, one a line: {@code code
 * point;form;text;result}, in hexadecimal. unicode_ranges.py compares them with the reference.
 */
public final class NormalizationProbe {
  public static void main(String[] arguments) {
    StringBuilder lines = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      int type = Character.getType(c);
      if (type == Character.UNASSIGNED
          || type == Character.SURROGATE
          || type == Character.PRIVATE_USE) {
        continue;
      }
      String s = Character.toString(c);
      String[] texts = {
        s,
        "a" + s + "\u0334", // a mark of class 1 moves before every other
        "a\u0301" + s, // and a mark of class 1 moves before this one
        "a\u0334" + s,
        Normalizer.normalize(s, Form.NFD),
        Normalizer.normalize(s, Form.NFKD)
      };
      for (Form form : Form.values()) {
        for (String text : texts) {
          String result = Normalizer.normalize(text, form);
          if (!result.equals(text) || !text.equals(s)) {
            lines.append(Integer.toHexString(c)).append(';').append(form).append(';');
            lines.append(hex(text)).append(';').append(hex(result)).append('\n');
          }
        }
      }
    }
    System.out.print(lines);
  }

  private static String hex(String text) {
    StringBuilder hex = new StringBuilder();
    text.codePoints().forEach(c -> hex.append(Integer.toHexString(c)).append(' '));
    return hex.toString().strip();
  }
}
