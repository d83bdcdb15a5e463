"""Wav2Lip: lips from sound (Prajwal et al. 2020, "A Lip Sync Expert Is All You Need")."""
