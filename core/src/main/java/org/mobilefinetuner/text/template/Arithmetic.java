package org.mobilefinetuner.text.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's arithmetic: {@code /} gives a float, {@code //} and {@code %} round down. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(
      @Nullable Object left, String operator, @Nullable Object right, Budget budget) {
    Object a = Values.number(left);
    Object b = Values.number(right);
    if (a instanceof Number x && b instanceof Number y) {
      try {
        return a instanceof Long m && b instanceof Long n
            ? whole(m, operator, n)
            : real(x.doubleValue(), operator, y.doubleValue());
      } catch (ArithmeticException e) {
        throw new TemplateException(
            PythonText.of(a) + " " + operator + " " + PythonText.of(b) + ": " + e.getMessage());
      }
    }
    if (operator.equals("+")) {
      Object sum = sum(a, b, budget);
      if (sum != null) {
        return sum;
      }
    } else if (operator.equals("*")) {
      if (b instanceof Long times && !(a instanceof Number)) {
        return repeated(a, times, budget);
      } else if (a instanceof Long times) {
        return repeated(b, times, budget);
      }
    } else if (operator.equals("%") && a instanceof String) {
      throw new TemplateException("formatting a text with % is not supported; use ~");
    }
    throw new TemplateException(
        "cannot compute " + Values.kind(left) + " " + operator + " " + Values.kind(right));
  }

  private static Object whole(long a, String operator, long b) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "/" -> real((double) a, operator, (double) b);
      case "//" -> Math.floorDiv(a, nonZero(b));
      case "%" -> Math.floorMod(a, nonZero(b));
      case "**" -> b < 0 ? real((double) a, operator, (double) b) : power(a, b);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static Object power(long a, long exponent) {
    long power = 1;
    for (long i = 0; i < exponent && power != 0 && a != 1; i++) {
      if (a == -1) {
        return exponent % 2 == 0 ? 1L : -1L;
      }
      power = Math.multiplyExact(power, a);
    }
    return power;
  }

  private static Object real(double a, String operator, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / nonZero(b);
      case "//" -> floored(a, nonZero(b));
      case "%" -> remainder(a, nonZero(b));
      case "**" -> Math.pow(a, b);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static long nonZero(long divisor) {
    nonZero((double) divisor);
    return divisor;
  }

  private static double nonZero(double divisor) {
    if (divisor == 0) {
      throw new ArithmeticException("division by zero");
    }
    return divisor;
  }

  private static double remainder(double a, double b) {
    double rest = a % b;
    if (rest == 0) {
      return Math.copySign(0.0, b);
    }
    return (rest < 0) == (b < 0) ? rest : rest + b;
  }

  private static double floored(double a, double b) {
    double rest = a % b;
    double quotient = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0);
    return quotient == 0 ? Math.copySign(0.0, a / b) : Math.rint(quotient);
  }

  private static @Nullable Object sum(@Nullable Object a, @Nullable Object b, Budget budget) {
    if (a instanceof String x && b instanceof String y) {
      budget.requireLength((long) x.length() + y.length());
      budget.spend(x.length() + y.length());
      return x + y;
    } else if (a instanceof List<?> x && b instanceof List<?> y) {
      return joined(x, y, budget);
    } else if (a instanceof Tuple x && b instanceof Tuple y) {
      return new Tuple(joined(x.items(), y.items(), budget));
    }
    return null;
  }

  private static List<@Nullable Object> joined(List<?> a, List<?> b, Budget budget) {
    budget.spendItems((long) a.size() + b.size());
    List<@Nullable Object> items = new ArrayList<>(a);
    items.addAll(b);
    return items;
  }

  private static Object repeated(@Nullable Object value, long times, Budget budget) {
    long count = Math.max(0, times);
    if (value instanceof String text) {
      long length =
          text.isEmpty() ? 0 : Math.multiplyExact(Math.min(count, 1L << 32), text.length());
      budget.requireLength(length);
      budget.spend(length);
      var repeated = new StringBuilder((int) length);
      for (long i = 0; i < count && length > 0; i++) {
        repeated.append(text);
      }
      return repeated.toString();
    } else if (value instanceof List<?> list) {
      List<@Nullable Object> repeated = new ArrayList<>();
      for (long i = 0; i < count && !list.isEmpty(); i++) {
        budget.spendItems(list.size());
        repeated.addAll(list);
      }
      return repeated;
    }
    throw new TemplateException("cannot repeat " + Values.kind(value));
  }

  /** A number with a sign before it. */
  static Object signed(@Nullable Object value, boolean negated) {
    Object number = Values.number(value);
    if (number instanceof Long whole && whole != Long.MIN_VALUE) {
      return negated ? -whole : whole;
    } else if (number instanceof Double real) {
      return negated ? -real : real;
    }
    throw new TemplateException("a sign needs a number behind it, found " + Values.kind(value));
  }
}
