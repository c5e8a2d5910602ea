package org.mobilefinetuner.kernel;

/**
 * The numbers of one AdamW update of one tensor.
 *
 * @param rate the learning rate
 * @param decay the decoupled weight decay
 * @param gradientScale what the gradient is multiplied with first: the clipping factor
 * @param correction1 1 - beta1ᵗ at step t
 * @param correction2 1 - beta2ᵗ at step t
 */
public record AdamWStep(
    float rate,
    float beta1,
    float beta2,
    float eps,
    float decay,
    float gradientScale,
    float correction1,
    float correction2) {}
