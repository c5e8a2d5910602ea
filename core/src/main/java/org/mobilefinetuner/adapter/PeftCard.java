package org.mobilefinetuner.adapter;

/** The model card beside an adapter, as the hub expects it. */
final class PeftCard {
  private PeftCard() {}

  static String of(PeftFolder.Settings s) {
    String base = s.baseModel();
    String method = s.dora() ? "DoRA" : "LoRA";
    return "---\n"
        + "library_name: peft\n"
        + (base == null ? "" : "base_model: " + base + "\n")
        + "pipeline_tag: text-generation\n"
        + "tags:\n- lora\n"
        + (s.dora() ? "- dora\n" : "")
        + "---\n\n"
        + "# "
        + method
        + " adapter\n\n"
        + "| | |\n|---|---|\n"
        + row("Base model", base == null ? "not recorded" : base)
        + row("Rank", s.rank())
        + row("Alpha", PeftConfig.whole(s.alpha()))
        + row("Scale", s.rankStabilised() ? "alpha/√rank (rsLoRA)" : "alpha/rank")
        + row("Dropout while training", s.dropout())
        + row("Adapted modules", String.join(", ", s.targets().names()))
        + "\nMade with MobileFineTuner. To load it with PEFT, where `base` is the base model:\n\n"
        + "```python\n"
        + "from peft import PeftModel\n\n"
        + "model = PeftModel.from_pretrained(base, \"path/to/this/folder\")\n"
        + "```\n";
  }

  private static String row(String what, Object value) {
    return "| " + what + " | " + value + " |\n";
  }
}
