"""StyleGAN2 (Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN").

Own torch implementation with the tensor names of the rosinality checkpoints, layer-swap blending
(Pinkney & Adler 2020), latent projection and the toonify back end built from them.
"""
