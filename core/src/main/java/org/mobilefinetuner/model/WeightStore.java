package org.mobilefinetuner.model;

/** Where weights come from, one segment at a time. */
public interface WeightStore {
  Weights lease(Segment segment);

  /** Tells that {@code segment} will be leased next. */
  default void prefetch(Segment segment) {}
}
