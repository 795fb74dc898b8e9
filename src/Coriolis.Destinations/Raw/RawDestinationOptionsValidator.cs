using Microsoft.Extensions.Options;

namespace Coriolis.Destinations;

/// <summary>Checks each option against its attributes.</summary>
[OptionsValidator]
internal sealed partial class RawDestinationOptionsValidator : IValidateOptions<RawDestinationOptions>;
