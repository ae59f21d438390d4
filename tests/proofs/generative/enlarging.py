"""What networks that enlarge pictures must reach."""

from __future__ import annotations

from tests.proofs.generative.course import Course

Verdict = tuple[bool, str]


def beats_cubic(course: Course) -> Verdict:
    """PSNR and SSIM on held-back pictures lie above those of bicubic enlargement."""
    last = course.validated[-1].metrics
    gains = last["psnr"] - last["psnr_cubic"], last["ssim"] - last["ssim_cubic"]
    return min(gains) > 0, (
        f"PSNR {last['psnr']:.2f} dB (bicubic {last['psnr_cubic']:.2f}), "
        f"SSIM {last['ssim']:.3f} (bicubic {last['ssim_cubic']:.3f})"
    )
