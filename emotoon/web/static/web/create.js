// The create page: preview, drag and drop, camera. Everything also works without this file.
const photo = document.getElementById("photo");
const drop = document.getElementById("drop");
const preview = document.getElementById("preview");
const viewfinder = document.getElementById("viewfinder");
const video = viewfinder.querySelector("video");
const cameraProblem = document.getElementById("camera-problem");

function show() {
  const file = photo.files[0];
  preview.hidden = !file;
  drop.classList.toggle("filled", Boolean(file));
  if (!file) return;
  URL.revokeObjectURL(preview.src);
  preview.src = URL.createObjectURL(file);
  document.querySelectorAll('input[name="portrait"]').forEach((input) => { input.checked = false; });
}

function choose(file) {
  const files = new DataTransfer();
  files.items.add(file);
  photo.files = files.files;
  show();
}

photo.addEventListener("change", show);
for (const name of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) choose(event.dataTransfer.files[0]);
  });
}

function stopCamera() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  viewfinder.hidden = true;
}

document.getElementById("camera").addEventListener("click", async () => {
  if (!viewfinder.hidden) return stopCamera();
  cameraProblem.hidden = true;
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: 1280 } });
    viewfinder.hidden = false;
    await video.play();
  } catch {
    cameraProblem.hidden = false;
  }
});

document.getElementById("shutter").addEventListener("click", () => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => {
    choose(new File([blob], "camera.jpg", { type: "image/jpeg" }));
    stopCamera();
  }, "image/jpeg", 0.95);
});

// An earlier photo and a new one exclude each other.
document.querySelectorAll('input[name="portrait"]').forEach((input) => {
  input.addEventListener("change", () => { photo.value = ""; show(); });
});

// One press is enough: the upload takes a moment.
document.querySelector("form.create").addEventListener("submit", () => {
  const button = document.getElementById("make");
  button.disabled = true;
  button.classList.add("busy");
});
window.addEventListener("pageshow", () => {
  const button = document.getElementById("make");
  button.disabled = false;
  button.classList.remove("busy");
});
