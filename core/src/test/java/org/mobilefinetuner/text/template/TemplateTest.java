package org.mobilefinetuner.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a template may not do, and how it is told. That the text is right, the goldens check. */
class TemplateTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  private static String render(String template) {
    return Template.parse(template).render(Map.of("a", 7, "s", "text"), CLOCK);
  }

  private static void assertComplaint(ThrowingCallable call, int line, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TemplateException.class,
            e -> {
              assertThat(e.line()).as("line of: %s", e.getMessage()).isEqualTo(line);
              assertThat(e.getMessage()).contains(parts);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "{% include 'x' %} => {% include %} is not supported",
        "{% block b %}{% endblock %} => {% block %} is not supported",
        "{% for x in a recursive %}{% endfor %} => recursive",
        "{{ m(*s) }} => from a list",
        "{% macro m() %}{{ varargs }}{% endmacro %} => varargs",
        "{% set x : upper %}{% endset %} => expected '=' or %}, found ':'",
        "{{ a is sameas 7 }} => the test 'sameas' is not supported; supported are",
        "{{ a ; 7 }} => expected }}, found ';'",
        "{{ a @ 7 }} => unexpected character '@'",
        "{{ 99999999999999999999 }} => too large",
        "{% else %} => {% else %} has no beginning",
        "{% if a %} => expected {% endif %}, found the end of the template",
        "{{ 'a => a string has no end",
        "{{ (a ] }} => unexpected ']', expected ')'",
        "{# => expected #}",
        "{% raw %} => expected {% endraw %}",
      })
  void constructsOutsideTheSubsetAreNamedWithTheirLine(String construct, String message) {
    assertComplaint(() -> Template.parse("a\nb {{ a }}\n" + construct), 3, message);
  }

  @Test
  void anUnknownFilterIsNamedWithTheSupportedOnes() {
    assertComplaint(
        () -> Template.parse("{{ a\n | pprint }}"), 2, "the filter 'pprint'", "selectattr", "trim");
  }

  /** Also where the line is inside of blocks and macros. */
  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "{{ raise_exception('No such role') }} => this conversation: No such role",
        "{{ missing.role }} => 'missing' is undefined; its role is asked for",
        "{{ s + 1 }} => cannot compute a text + a whole number",
        "{{ s < 1 }} => cannot compare a text with a whole number",
        "{{ s.format(1) }} => the method format of a text is not supported; supported are",
        "{{ 'a %s' % s }} => formatting a text with %",
        "{% for x in 3 %}{% endfor %} => cannot loop over a whole number",
        "{% set s.x = 1 %} => only attributes of a namespace can be set; s is a text",
        "{{ s | tojson(width=3) }} => tojson has no argument 'width'",
        "{{ s(1) }} => a text is called, which is no function",
        "{{ 1 // 0 }} => division by zero",
        "{{ 9223372036854775807 + a }} => overflow",
        "{{ [1] | map('nope') | list }} => the filter 'nope'",
        "{{ strftime_now('%Q') }} => %Q is not supported",
        "{{ s.__class__.x }} => has no '__class__'",
      })
  void whatGoesWrongIsNamedWithItsLine(String construct, String message) {
    String template =
        "{% macro m() %}\n{% if true %}\n" + construct + "\n{% endif %}{% endmacro %}\n{{ m() }}";
    assertComplaint(() -> render(template), 3, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(9000) %}{% for j in range(9000) %}{% for k in range(9000) %}"
            + "{% endfor %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}"
            + "{% endfor %}",
        "{{ ([1] * 100000000000) | length }}",
        "{% set l = range(2000) | list %}{% for i in l %}{% if -1 in l %}{% endif %}{% endfor %}",
        "{% set l = range(2000) | list %}{% for i in l %}{% if l == l %}{% endif %}{% endfor %}",
        "{% set l = range(2000) | list %}{% for i in l %}{% set m = l | sum %}{% endfor %}",
        "{% set l = range(2000) | list %}{% for i in l %}{% set m = l.index(1999) %}{% endfor %}",
        "{% set t = 'x' * 10000 %}{% for i in t %}{% set m = t[9] %}{% endfor %}",
        "{% set t = 'x' * 10000 %}{% for i in t %}{% set m = t.find('y') %}{% endfor %}",
      })
  void workHasALimit(String template) {
    Map<String, Object> none = Map.of();
    assertComplaint(
        () -> Template.parse(template).render(none, CLOCK, new Budget(1_000_000, 1_000_000)),
        1,
        "works without end");
  }

  /** What a template may hold at the limit fits the memory of a phone. */
  @Test
  void memoryHasALimit() {
    assertComplaint(
        () -> render("{% for i in range(1000000000) %}{% endfor %}"), 1, "works without end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(20000) %}{{ 'x' * 1000 }}{% endfor %}",
        "{% set ns = namespace(t='x') %}{% for i in range(60) %}{% set ns.t = ns.t + ns.t %}"
            + "{% endfor %}",
        "{% set ns = namespace(t='x') %}{% for i in range(60) %}{% set ns.t = ns.t ~ ns.t %}"
            + "{% endfor %}",
        "{{ 'x' * 1000000000000 }}",
        "{{ ('x' * 9000) | replace('x', 'y' * 9000) }}",
        "{{ (['x' * 9000] * 9000) | join }}",
        "{{ ([('x' * 9000)] * 9000) | tojson }}",
      })
  void textHasALimit(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{{ m([x]) }}{% endmacro %}{{ m(1) }}",
        "{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = [ns.l] %}"
            + "{% endfor %}{{ ns.l }}",
        "{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = [ns.l] %}"
            + "{% endfor %}{{ ns.l | tojson }}",
        "{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = [ns.l] %}"
            + "{% endfor %}{{ ns.l == [ns.l] }}",
      })
  void depthHasALimit(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("nested deeper than");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "(:)",
        "[:]",
        "not :",
        "- :",
        "1 if a else :",
        "a[:]",
        "{1%:}",
        "a(:)",
        "a | d(:)",
        "a is in(:)",
        "(1, :)",
      })
  void sourceHasALimitOfDepth(String opening, @Nullable String closing) {
    String open = opening.replace('%', ':').repeat(100_000);
    String close = closing == null ? "" : closing.repeat(100_000);
    assertComplaint(
        () -> Template.parse("{{ " + open + "a" + close + " }}"),
        1,
        "nested deeper than 100 levels");
  }

  @Test
  void blocksHaveALimitOfDepth() {
    assertComplaint(
        () -> Template.parse("{% if a %}".repeat(100_000)), 1, "nested deeper than 100 levels");
    assertComplaint(
        () -> Template.parse("{% if a %}" + "{% elif a %}".repeat(100_000)),
        1,
        "nested deeper than 100 levels");
  }

  /** The source nests in one direction only; the tree of it is as deep as it is long. */
  @Test
  void longChainsHaveALimitOfDepth() {
    assertThat(render("{{ 0" + " + 1".repeat(200) + " }}")).isEqualTo("200");
    assertComplaint(() -> render("{{ 0" + " + 1".repeat(100_000) + " }}"), 1, "nested deeper than");
    assertThat(render("{{ a" + " | string".repeat(200) + " }}")).isEqualTo("7");
    assertComplaint(() -> render("{{ a" + " | string".repeat(100_000) + " }}"), 1, "nested deeper");
  }

  @Test
  void aLongConversationStaysWithinTheLimits() {
    List<Map<String, String>> messages = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      messages.add(Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", "x".repeat(1000)));
    }
    String template =
        "{% for m in messages %}{% set c = m.content | trim %}"
            + "{{ '<' + m.role + '>' + c + '</>\\n' }}{% endfor %}";
    String text = Template.parse(template).render(Map.of("messages", messages), CLOCK);
    assertThat(text).hasSizeGreaterThan(2_000_000);
  }

  @Test
  void theClockIsTheOneThatIsGiven() {
    Clock zone = Clock.fixed(Instant.EPOCH, ZoneId.of("Asia/Tokyo"));
    String template = "{{ strftime_now('%H:%M %d.%m.%Y') }}";
    assertThat(Template.parse(template).render(Map.of(), zone)).isEqualTo("09:00 01.01.1970");
  }

  @Test
  void valuesAreThoseOfJson() {
    Map<String, @Nullable Object> variables = new LinkedHashMap<>();
    variables.put("a", null);
    variables.put("b", List.of(1, 2.5f, (short) 3, Map.of("x", true)));
    String text = Template.parse("{{ a }} {{ b }} {{ c }}").render(variables, CLOCK);
    assertThat(text).isEqualTo("None [1, 2.5, 3, {'x': True}] ");
    variables.put("c", Instant.EPOCH);
    assertThatThrownBy(() -> Template.parse("").render(variables, CLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.time.Instant");
  }
}
