using Wherry.Compose.Importing.CapRover;
using Wherry.Compose.Importing.Coolify;
using Wherry.Compose.Importing.Dokploy;
using Wherry.Compose.Importing.Resources;
using Wherry.Compose.Importing.Runs;
using Wherry.Core.Problems;

namespace Wherry.Compose.Tests.Importing;

/// <summary>Bad input ends in a problem, never in another exception.</summary>
public sealed class ImportFuzzTests
{
    private const string Pieces = "\n \t:-#${}[]'\"&*!,/.~=_0aA$$cap_\\";

    private static readonly string[] Templates =
    [
        "# port: 80\nservices:\n  a:\n    image: a:${V:-1}\n    environment:\n      - SERVICE_URL_A_80=/x\n      - B=${SERVICE_FQDN_A:-$SERVICE_PASSWORD_64_B}\n    volumes:\n      - ./x:/x\n      - {type: bind, source: ./y, target: /y, content: \"a\", mode: 0755}\nvolumes: {z: }\n",
        "captainVersion: 4\nservices:\n  $$cap_appname:\n    image: a:$$cap_v\n    volumes: [\"$$cap_appname-d:/d\"]\n    caproverExtra: {containerHttpPort: '80', dockerfileLines: [FROM a]}\ncaproverOneClickApp:\n  variables:\n    - {id: $$cap_v, defaultValue: $$cap_gen_random_hex(3)}\n",
        "resource: database\ntype: redis\nconfiguration: {password: \"${GENERATED}\", publicPort: 1}\nsettings: {persistence: {size: 1Gi}}\n---\nresource: application\nimage: a:${V}\nconfiguration:\n  ports: [{containerPort: 80, protocol: https, path: /a}]\n  environment: {A: \"${redis.url}\"}\n  volumes: [a:/a]\n",
        "[variables]\na = \"${domain}\"\nb = '''x'''\n[config]\nenv = [\"A=${password:4}\", \"B=${jwt:a}\"]\n[[config.domains]]\nserviceName = \"a\"\nport = 8_0\nhost = \"${a}\"\n[[config.mounts]]\nfilePath = \"/f\"\ncontent = \"\"\"\nx\\u00e4\n\"\"\"\n",
        "docker run -dit --name a -p 80:80 -v d:/d -e A=$B --mount type=bind,source=/a,target=/b --ulimit nofile=1:2 --env-file x a:1 sh -c 'b'",
    ];

    [Fact]
    public void Changed_templates_are_imported_or_refused_with_a_problem()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var text = Changed(random, Templates[i % Templates.Length]);
            var kind = i % Templates.Length;
            Try(text, () => _ = kind switch
            {
                0 => CoolifyImport.Read(text, "a.yaml"),
                1 => CapRoverImport.Read(text, "a.yml"),
                2 => ResourceImport.Read(text, "a.yaml"),
                3 => DokployImport.Read("services: {a: {image: a, environment: [A, \"C=${B}\"], env_file: .env, volumes: [\"../files/f:/f\"]}}", text, "a"),
                _ => RunImport.Read(text, path => path.Length > 0 ? "" : null),
            });
        }
    }

    private static void Try(string text, Action import)
    {
        try
        {
            import();
        }
        catch (ProblemException)
        {
            // What a person can mend.
        }
        catch (Exception e)
        {
            Assert.Fail($"{e.GetType().Name} {e.Message} at {e.StackTrace}\nof:\n{text}");
        }
    }

    private static string Changed(Random random, string text)
    {
        var characters = text.ToList();
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(characters.Count);
            if (random.Next(2) == 0)
            {
                characters.RemoveRange(at, Math.Min(random.Next(1, 6), characters.Count - at));
            }
            else
            {
                characters.Insert(at, Pieces[random.Next(Pieces.Length)]);
            }

            if (characters.Count == 0)
            {
                return "";
            }
        }

        return string.Concat(characters);
    }
}
