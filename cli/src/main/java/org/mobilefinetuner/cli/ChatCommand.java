package org.mobilefinetuner.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mobilefinetuner.generate.Generator;
import org.mobilefinetuner.generate.Sampling;
import org.mobilefinetuner.io.FormatException;
import org.mobilefinetuner.io.JsonObject;
import org.mobilefinetuner.kernel.Kernels;
import org.mobilefinetuner.model.ModelFolder;
import org.mobilefinetuner.tensor.Arena;
import org.mobilefinetuner.text.ChatTemplate;
import org.mobilefinetuner.text.Message;
import org.mobilefinetuner.text.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mft chat}: a conversation with a model. */
@Command(
    name = "chat",
    description = {
      "Talks with a model, as its chat template says.",
      "Each line is a message; /reset begins anew, /exit or the end of the input ends."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {
  @Mixin private ModelOptions modelOptions = new ModelOptions();
  @Mixin private AdapterOptions adapterOptions = new AdapterOptions();
  @Mixin private FrozenOptions baseOptions = new FrozenOptions();

  @Option(names = "--system", paramLabel = "TEXT", description = "Tells the model who it is.")
  private @Nullable String system;

  @Mixin private SamplingOptions samplingOptions = new SamplingOptions();
  @Mixin private BackendOptions backend = new BackendOptions();

  @Option(names = "--json", description = "Print one JSON object for each answer.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    int most = samplingOptions.most(1024);
    try (ModelFolder folder = ModelFolder.open(modelOptions.model);
        Kernels kernels = backend.kernels()) {
      Sampling sampling = samplingOptions.of(folder);
      ChatTemplate template = template(folder);
      Tokenizer tokenizer = GenerateCommand.tokenizer(folder);
      var generator =
          Generator.remembering(
              folder.model(), adapterOptions.load(folder, baseOptions), kernels, Arena.unbounded());
      int[] stop = EndTokens.of(folder, tokenizer).stream().mapToInt(Integer::intValue).toArray();
      List<Message> messages = beginning();
      var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = ask(lines); line != null; line = ask(lines)) {
        if (line.equals("/exit")) {
          break;
        }
        if (line.equals("/reset")) {
          messages = beginning();
        } else if (!line.trim().isEmpty()) {
          messages.add(Message.of("user", line));
          int[] prompt = tokenizer.encode(template.render(messages, null, true));
          messages.add(answer(generator, tokenizer, prompt, most, sampling, stop));
        }
      }
    }
    return 0;
  }

  private List<Message> beginning() {
    List<Message> messages = new ArrayList<>();
    if (system != null) {
      messages.add(Message.of("system", system));
    }
    return messages;
  }

  private @Nullable String ask(BufferedReader lines) throws IOException {
    if (Terminal.stdout()) {
      PrintWriter out = spec.commandLine().getOut();
      out.print("> ");
      out.flush();
    }
    return lines.readLine();
  }

  private Message answer(
      Generator generator,
      Tokenizer tokenizer,
      int[] prompt,
      int most,
      Sampling sampling,
      int[] stop) {
    PrintWriter out = spec.commandLine().getOut();
    TokenPrinter printer = new TokenPrinter(tokenizer, json ? null : out);
    long start = System.nanoTime();
    Generator.Result result = generator.generate(prompt, most, sampling, stop, printer);
    double seconds = (System.nanoTime() - start) * 1e-9;
    String text = printer.end();
    if (json) {
      out.println(
          JsonObject.empty()
              .put("text", text)
              .put("prompt_tokens", prompt.length)
              .put("tokens", result.tokens().length)
              .put("end", result.end().name().toLowerCase(Locale.ROOT))
              .put("seconds", seconds)
              .put("tokens_per_second", result.tokens().length / seconds));
    } else {
      PrintWriter err = spec.commandLine().getErr();
      err.printf(
          Locale.ROOT,
          "[%d tokens, %.1f tokens/s%s]%n",
          result.tokens().length,
          result.tokens().length / seconds,
          result.end() == Generator.End.EOS ? "" : ", cut off");
      err.flush();
    }
    out.flush();
    return Message.of("assistant", text);
  }

  private static ChatTemplate template(ModelFolder folder) throws IOException {
    ChatTemplate template = ChatTemplate.load(folder.path(), Clock.system(ZoneId.systemDefault()));
    if (template == null) {
      throw new FormatException(
          "expected a chat template (chat_template.jinja, or in tokenizer_config.json), found none"
              + " in "
              + folder.path()
              + "; use a model that was trained for conversations, or mft generate");
    }
    return template;
  }
}
