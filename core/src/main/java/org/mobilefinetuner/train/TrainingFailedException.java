package org.mobilefinetuner.train;

/** The run cannot give a useful model; nothing was written as its result. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TrainingFailedException(String message) {
    super(message);
  }
}
