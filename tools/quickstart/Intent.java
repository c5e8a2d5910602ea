import java.util.List;

/**
 * What the house can be asked to do, and the ways to ask for it.
 *
 * <p>In a template {@code {D}} is the device with its article and {@code {d}} without, {@code {R}}
 * and {@code {r}} likewise the room, {@code {L}} the place with a leading space (" in the kitchen",
 * or nothing), {@code {v}} the value. Orders begin with a verb and may follow "could you"; remarks
 * are everything else.
 */
enum Intent {
  TURN_ON(
      "turn_on",
      "",
      List.of(
          "turn on {D}{L}",
          "turn {D} on{L}",
          "turn {D}{L} on",
          "turn on the {r} {d}",
          "switch on {D}{L}",
          "switch {D}{L} on",
          "put {D} on{L}",
          "power up {D}{L}",
          "get {D}{L} going"),
      List.of("{d} on{L}", "{r} {d} on", "i need {D}{L} on", "{D}{L} should be on")),
  TURN_OFF(
      "turn_off",
      "",
      List.of(
          "turn off {D}{L}",
          "turn {D} off{L}",
          "turn {D}{L} off",
          "turn off the {r} {d}",
          "switch off {D}{L}",
          "switch {D}{L} off",
          "shut {D} off{L}",
          "power down {D}{L}",
          "shut down {D}{L}"),
      List.of("{d} off{L}", "{r} {d} off", "i am done with {D}{L}", "{D}{L} should be off")),
  CHECK(
      "check",
      "",
      List.of(
          "check {D}{L}",
          "check if {D}{L} is on",
          "tell me if {D}{L} is on",
          "have a look at {D}{L}"),
      List.of(
          "is {D}{L} on", "is {D} still on{L}", "did i leave {D}{L} on", "did i turn off {D}{L}")),
  SET_BRIGHTNESS(
      "set_brightness",
      "level",
      List.of(
          "set {D}{L} to {v} percent",
          "dim {D}{L} to {v} percent",
          "dim the {r} {d} to {v} percent",
          "bring {D}{L} to {v} percent",
          "turn {D}{L} down to {v} percent",
          "turn {D} up to {v} percent{L}",
          "set the brightness of {D}{L} to {v}"),
      List.of("{d}{L} at {v} percent", "{r} {d} to {v} percent", "i want {D}{L} at {v} percent")),
  OPEN(
      "open",
      "",
      List.of("open {D}{L}", "open up {D}{L}", "open the {r} {d}", "get {D}{L} open"),
      List.of("i want {D}{L} open", "{d} open{L}", "{D}{L} should be open")),
  CLOSE(
      "close",
      "",
      List.of("close {D}{L}", "shut {D}{L}", "close the {r} {d}", "get {D}{L} closed"),
      List.of("i want {D}{L} closed", "{d} closed{L}", "{D}{L} should be closed")),
  SET_TEMPERATURE(
      "set_temperature",
      "degrees",
      List.of(
          "make it {v} degrees{L}",
          "set the temperature{L} to {v} degrees",
          "heat {R} to {v} degrees",
          "warm up {R} to {v} degrees",
          "cool {R} down to {v} degrees",
          "set {R} to {v} degrees"),
      List.of("i want {v} degrees{L}", "{v} degrees{L}", "{R} should be {v} degrees")),
  PLAY(
      "play",
      "music",
      List.of("play {v}{L}", "play some {v}{L}", "play {v} music{L}", "put on some {v}{L}"),
      List.of(
          "i want to hear {v}{L}", "some {v}{L}", "{v} music{L}", "i am in the mood for {v}{L}")),
  STOP_MUSIC(
      "stop_music",
      "",
      List.of(
          "stop the music{L}", "stop playing{L}", "silence the music{L}", "turn off the music{L}"),
      List.of("no more music{L}", "i want silence{L}", "enough music{L}")),
  START_SCENE(
      "start_scene",
      "scene",
      List.of(
          "start {v}{L}",
          "start {v} mode{L}",
          "start the {v} scene{L}",
          "switch to {v} mode{L}",
          "get {R} ready for {v}",
          "prepare {R} for {v}"),
      List.of("{v}{L}", "{v} mode{L}", "it is {v}{L}", "i want {v}{L}", "i am ready for {v}{L}")),
  STOP_SCENE(
      "stop_scene",
      "scene",
      List.of(
          "stop {v}{L}", "end {v}{L}", "stop {v} mode{L}", "end the {v} scene{L}", "finish {v}{L}"),
      List.of("no more {v}{L}", "{v} is over{L}", "i am done with {v} mode{L}", "enough {v}{L}"));

  /** The word of the action. */
  final String word;

  /** The name of the value's slot, empty if there is none. */
  final String slot;

  final List<String> orders;
  final List<String> remarks;

  Intent(String word, String slot, List<String> orders, List<String> remarks) {
    this.word = word;
    this.slot = slot;
    this.orders = orders;
    this.remarks = remarks;
  }
}
