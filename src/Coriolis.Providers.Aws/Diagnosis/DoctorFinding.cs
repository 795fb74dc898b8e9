namespace Coriolis.Providers.Aws;

/// <summary>The result of one check of <see cref="AwsDoctor"/>.</summary>
/// <param name="Check">What was checked, for example <c>credentials</c> or <c>ec2:CreateSnapshots</c>.</param>
/// <param name="Verdict">The outcome.</param>
/// <param name="Message">What was found.</param>
/// <param name="Remedy">What to do about it; <see langword="null"/> when there is nothing to do.</param>
public sealed record DoctorFinding(string Check, DoctorVerdict Verdict, string Message, string? Remedy = null);
