"""Fine-tuning of StyleGAN2 for a new drawing style: FreezeD, ADA, EMA, resume, KID, dataset check."""
