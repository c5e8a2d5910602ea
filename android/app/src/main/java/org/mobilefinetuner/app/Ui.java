package org.mobilefinetuner.app;

import android.content.Context;
import android.content.res.ColorStateList;
import android.graphics.Typeface;
import android.graphics.drawable.GradientDrawable;
import android.graphics.drawable.RippleDrawable;
import android.text.InputType;
import android.view.Gravity;
import android.view.View;
import android.view.ViewGroup;
import android.widget.AdapterView;
import android.widget.ArrayAdapter;
import android.widget.Button;
import android.widget.EditText;
import android.widget.LinearLayout;
import android.widget.Spinner;
import android.widget.TextView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the views of the app, all alike. */
final class Ui {
  private static final int TOUCH = 48; // dp, the least that a finger hits

  private final Context context;
  private final Palette colors;
  private final float density;

  Ui(Context context) {
    this.context = context;
    this.colors = Palette.of(context);
    this.density = context.getResources().getDisplayMetrics().density;
  }

  Context context() {
    return context;
  }

  Palette colors() {
    return colors;
  }

  int dp(float number) {
    return Math.round(number * density);
  }

  LinearLayout column(View... children) {
    return line(LinearLayout.VERTICAL, children);
  }

  /** Children side by side, as wide as each other. */
  LinearLayout row(View... children) {
    LinearLayout row = line(LinearLayout.HORIZONTAL);
    for (int i = 0; i < children.length; i++) {
      LinearLayout.LayoutParams share =
          new LinearLayout.LayoutParams(0, ViewGroup.LayoutParams.WRAP_CONTENT, 1);
      share.setMarginStart(i == 0 ? 0 : dp(8));
      row.addView(children[i], share);
    }
    return row;
  }

  private LinearLayout line(int orientation, View... children) {
    LinearLayout line = new LinearLayout(context);
    line.setOrientation(orientation);
    line.setBaselineAligned(false);
    for (View child : children) {
      line.addView(
          child,
          new LinearLayout.LayoutParams(
              ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT));
    }
    return line;
  }

  /** A card with a heading. */
  LinearLayout card(String title, View... children) {
    LinearLayout card = column();
    card.setBackground(rounded(colors.card(), 20));
    card.setPadding(dp(20), dp(16), dp(20), dp(20));
    TextView heading = text(title, 18, colors.ink());
    heading.setTypeface(Typeface.DEFAULT_BOLD);
    heading.setAccessibilityHeading(true);
    card.addView(heading);
    for (View child : children) {
      LinearLayout.LayoutParams place =
          new LinearLayout.LayoutParams(
              ViewGroup.LayoutParams.MATCH_PARENT, ViewGroup.LayoutParams.WRAP_CONTENT);
      place.topMargin = dp(12);
      card.addView(child, place);
    }
    return card;
  }

  TextView text(String words, float size, int color) {
    TextView text = new TextView(context);
    text.setText(words);
    text.setTextSize(size);
    text.setTextColor(color);
    text.setLineSpacing(0, 1.15f);
    return text;
  }

  TextView body(String words) {
    return text(words, 15, colors.ink());
  }

  TextView small(String words) {
    return text(words, 13, colors.muted());
  }

  /** The one thing that is meant to be done. */
  Button primary(String words, Runnable action) {
    return button(words, colors.accent(), colors.onAccent(), 0, action);
  }

  Button secondary(String words, Runnable action) {
    return button(words, colors.card(), colors.accent(), colors.line(), action);
  }

  private Button button(String words, int fill, int ink, int border, Runnable action) {
    Button button = new Button(context);
    button.setText(words);
    button.setTextSize(15);
    button.setAllCaps(false);
    button.setTypeface(Typeface.DEFAULT_BOLD);
    button.setTextColor(
        new ColorStateList(
            new int[][] {{-android.R.attr.state_enabled}, {}}, new int[] {colors.muted(), ink}));
    GradientDrawable shape = rounded(fill, 24);
    if (border != 0) {
      shape.setStroke(dp(1), border);
    }
    button.setBackground(
        new RippleDrawable(ColorStateList.valueOf(0x33808080), shape, rounded(fill, 24)));
    button.setStateListAnimator(null);
    button.setMinHeight(dp(TOUCH));
    button.setMinimumHeight(dp(TOUCH));
    button.setPadding(dp(16), dp(10), dp(16), dp(10));
    button.setOnClickListener(view -> action.run());
    return button;
  }

  GradientDrawable rounded(int color, float radius) {
    GradientDrawable shape = new GradientDrawable();
    shape.setColor(color);
    shape.setCornerRadius(dp(radius));
    return shape;
  }

  private GradientDrawable field() {
    GradientDrawable field = rounded(colors.background(), 12);
    field.setStroke(dp(1), colors.line());
    return field;
  }

  /** A field under its name, which a screen reader says with it. */
  LinearLayout labelled(String label, View field) {
    TextView name = small(label);
    field.setId(View.generateViewId());
    name.setLabelFor(field.getId());
    name.setPadding(dp(2), 0, 0, dp(4));
    return column(name, field);
  }

  EditText edit(String start, int inputType) {
    EditText edit = new EditText(context);
    edit.setText(start);
    edit.setTextSize(15);
    edit.setTextColor(colors.ink());
    edit.setHintTextColor(colors.muted());
    edit.setInputType(inputType);
    edit.setSingleLine((inputType & InputType.TYPE_TEXT_FLAG_MULTI_LINE) == 0);
    edit.setBackground(field());
    edit.setPadding(dp(14), dp(12), dp(14), dp(12));
    edit.setMinHeight(dp(TOUCH));
    return edit;
  }

  /** One of several, shown by their names. */
  <T> Spinner choice(List<T> items, @Nullable Runnable changed) {
    Spinner spinner = new Spinner(context);
    spinner.setAdapter(names(items));
    spinner.setBackground(field());
    spinner.setPopupBackgroundDrawable(rounded(colors.card(), 12));
    spinner.setMinimumHeight(dp(TOUCH));
    if (changed != null) {
      spinner.setOnItemSelectedListener(
          new AdapterView.OnItemSelectedListener() {
            @Override
            public void onItemSelected(
                @Nullable AdapterView<?> parent, @Nullable View view, int position, long id) {
              changed.run();
            }

            @Override
            public void onNothingSelected(@Nullable AdapterView<?> parent) {}
          });
    }
    return spinner;
  }

  <T> ArrayAdapter<T> names(List<T> items) {
    return new ArrayAdapter<>(context, android.R.layout.simple_list_item_1, items) {
      @Override
      public View getView(int position, @Nullable View convert, ViewGroup parent) {
        return styled(super.getView(position, convert, parent), "  \u25be");
      }

      @Override
      public View getDropDownView(int position, @Nullable View convert, ViewGroup parent) {
        return styled(super.getDropDownView(position, convert, parent), "");
      }
    };
  }

  private View styled(View view, String behind) {
    TextView text = (TextView) view;
    text.setContentDescription(text.getText());
    text.setText(text.getText() + behind);
    text.setTextSize(15);
    text.setTextColor(colors.ink());
    text.setGravity(Gravity.CENTER_VERTICAL);
    text.setMinHeight(dp(TOUCH));
    text.setPadding(dp(14), dp(8), dp(14), dp(8));
    return text;
  }
}
