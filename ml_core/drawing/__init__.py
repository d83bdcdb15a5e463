"""Everything drawn over and around the puppet: sticker outline, captions, effects, hands and props."""
