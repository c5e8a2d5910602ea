package org.mobilefinetuner.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.mobilefinetuner.ops.Layout;

class TargetModulesTest {
  private static final List<Site> SITES =
      List.of(
          site("h.0.attn.c_attn"),
          site("h.0.attn.c_proj"),
          site("h.0.mlp.c_proj"),
          site("h.1.attn.c_attn"),
          site("h.1.attn.c_proj"),
          site("h.1.mlp.c_proj"));

  private static Site site(String name) {
    return new Site(name, 2, 3, Layout.OUT_IN);
  }

  private static List<String> resolved(String... wanted) {
    return TargetModules.of(List.of(wanted), SITES).sites().stream().map(Site::name).toList();
  }

  @Test
  void moduleNamesMeanEveryBlock() {
    assertThat(resolved("c_attn")).containsExactly("h.0.attn.c_attn", "h.1.attn.c_attn");
    assertThat(resolved("c_proj")).hasSize(4);
    assertThat(resolved("mlp.c_proj")).containsExactly("h.0.mlp.c_proj", "h.1.mlp.c_proj");
    assertThat(resolved("h.1.mlp.c_proj")).containsExactly("h.1.mlp.c_proj");
  }

  @Test
  void orderIsTheModels() {
    assertThat(resolved("mlp.c_proj", "c_attn", "c_attn"))
        .containsExactly("h.0.attn.c_attn", "h.0.mlp.c_proj", "h.1.attn.c_attn", "h.1.mlp.c_proj");
  }

  @Test
  void allLinearIsSpelledOutForPeft() {
    TargetModules all = TargetModules.of(List.of("all-linear"), SITES);
    assertThat(all.sites()).isEqualTo(SITES);
    assertThat(all.names()).containsExactly("c_attn", "c_proj");
  }

  @Test
  void unknownNamesAreRefused() {
    for (String wrong : List.of("q_proj", "proj", "c_", "")) {
      assertThatThrownBy(() -> resolved("c_attn", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[c_attn, c_proj]")
          .hasMessageContaining("found \"" + wrong + "\"");
    }
    assertThatThrownBy(() -> resolved()).isInstanceOf(IllegalArgumentException.class);
  }
}
