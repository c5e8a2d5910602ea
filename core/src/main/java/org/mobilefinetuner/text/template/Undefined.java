package org.mobilefinetuner.text.template;

/**
 * The value of a variable, attribute or item that does not exist. It is false, empty, and prints
 * nothing; whatever else is done with it is an error.
 */
record Undefined(String reason) {}
