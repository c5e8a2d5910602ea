/**
 * Renders chat templates: the part of Jinja that they use, with the results of Python's jinja2 in
 * the setting in which transformers runs them.
 *
 * <p>A template is a program from a file that somebody downloaded. It can compute text from what it
 * is given and nothing else, within a limit of work, depth and length. A construct outside the
 * supported part is an error that names it and its line, never other text.
 *
 * <p>{@code Lexer} cuts the source into tokens, {@code StatementParser} and {@code
 * ExpressionParser} make a tree of them, and the nodes of the tree, {@code Statement} and {@code
 * Expression}, run themselves in a {@code Frame}.
 *
 * <p>Values are those of JSON, as Java has them: null, {@code Boolean}, {@code Long}, {@code
 * Double}, {@code String}, {@code List} and {@code Map}; and some that only templates have: {@code
 * Undefined}, {@code Tuple}, {@code Stream}, {@code View}, {@code Namespace}, {@code Loop} and
 * {@code Callable}.
 *
 * <p>Known differences from jinja2, none of which a template has been seen to rely on: whole
 * numbers have 64 bits; {@code range} gives a list; {@code safe} marks nothing; and a variable that
 * is given from outside stays visible to loops and macros in front of a {@code set} that hides it.
 */
@NullMarked
package org.mobilefinetuner.text.template;

import org.jspecify.annotations.NullMarked;
