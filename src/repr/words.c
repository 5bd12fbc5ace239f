/*
 * words.c - the words of listings, and the headings of statuses.
 */
#include "repr/words.h"

#include "http/status.h"

#define IN_FIVE(en, de, fr, es, zh)                                                                                    \
    {                                                                                                                  \
        SLICE_INIT(en), SLICE_INIT(de), SLICE_INIT(fr), SLICE_INIT(es), SLICE_INIT(zh)                                 \
    }

static const struct slice words[PAGE_WORDS][PAGE_LANGUAGES] = {
    [SAY_INDEX_OF] = IN_FIVE("Index of ", "Inhalt von ", "Contenu de ", "Contenido de ", "文件夹内容："),
    [SAY_PAST_OF] = IN_FIVE("Earlier contents of ", "Frühere Inhalte von ", "Contenus antérieurs de ",
                            "Contenidos anteriores de ", "以前的内容："),
    [SAY_HOME] = IN_FIVE("Home", "Start", "Accueil", "Inicio", "首页"),
    [SAY_PAST] =
        IN_FIVE("Earlier contents", "Frühere Inhalte", "Contenus antérieurs", "Contenidos anteriores", "以前的内容"),
    [SAY_FOLDERS_ABOVE] =
        IN_FIVE("Folders above", "Ordner darüber", "Dossiers parents", "Carpetas superiores", "各上级文件夹"),
    [SAY_PARENT] =
        IN_FIVE("Parent folder", "Übergeordneter Ordner", "Dossier parent", "Carpeta superior", "上级文件夹"),
    [SAY_NAME] = IN_FIVE("Name", "Name", "Nom", "Nombre", "名称"),
    [SAY_SIZE] = IN_FIVE("Size", "Größe", "Taille", "Tamaño", "大小"),
    [SAY_MODIFIED] = IN_FIVE("Modified", "Geändert", "Modifié", "Modificado", "修改时间"),
    [SAY_UNREADABLE] = IN_FIVE("cannot be read", "nicht lesbar", "illisible", "no se puede leer", "无法读取"),
    [SAY_EMPTY] = IN_FIVE("This folder is empty.", "Dieser Ordner ist leer.", "Ce dossier est vide.",
                          "Esta carpeta está vacía.", "此文件夹为空。"),
    [SAY_MORE] = IN_FIVE("… and {1} more that are not listed.", "… und {1} weitere, die nicht aufgeführt sind.",
                         "… et {1} autres qui ne sont pas affichés.", "… y {1} más que no se muestran.",
                         "……另有 {1} 项未列出。"),
    [SAY_UTC] = IN_FIVE("Times are UTC.", "Zeiten in UTC.", "Heures en UTC.", "Horas en UTC.", "时间为 UTC。"),
    [SAY_PUT] = IN_FIVE("Files can be put here: {1} and this page’s address.",
                        "Hier können Dateien abgelegt werden: {1} und die Adresse dieser Seite.",
                        "Vous pouvez déposer des fichiers ici : {1} et l’adresse de cette page.",
                        "Aquí se pueden dejar archivos: {1} y la dirección de esta página.",
                        "可以在此存放文件：{1} 加上本页地址。"),
    [SAY_FILE_ARGUMENT] = IN_FIVE("FILE", "DATEI", "FICHIER", "ARCHIVO", "文件"),
    [SAY_COMMA] = IN_FIVE(", ", ", ", ", ", ", ", "，"),
    [SAY_THIS_FILE] = IN_FIVE("this file", "dieser Datei", "ce fichier", "este archivo", "此文件"),
    [SAY_NUMBER] = IN_FIVE("Number", "Nummer", "Numéro", "Número", "编号"),
    [SAY_WRITTEN] = IN_FIVE("Written", "Geschrieben", "Écrit", "Escrito", "写入时间"),
    [SAY_REPLACED] = IN_FIVE("Replaced", "Ersetzt", "Remplacé", "Reemplazado", "替换时间"),
    [SAY_GET_BACK] =
        IN_FIVE("To get it back", "So kommt er zurück", "Pour le rétablir", "Para recuperarlo", "恢复方法"),
    [SAY_NONE_KEPT] = IN_FIVE("No earlier contents are kept.", "Es sind keine früheren Inhalte aufbewahrt.",
                              "Aucun contenu antérieur n’est conservé.", "No se conserva ningún contenido anterior.",
                              "没有保存以前的内容。"),
    [SAY_COPY] = IN_FIVE(
        "COPY puts one in the file’s place again, and what is there until then is kept as well: {1} and its address.",
        "COPY setzt einen davon wieder an die Stelle der Datei; was bis dahin dort ist, bleibt ebenfalls aufbewahrt: "
        "{1} und seine Adresse.",
        "COPY remet l’un d’eux à la place du fichier ; ce qui s’y trouvait jusque-là est conservé aussi : {1} et son "
        "adresse.",
        "COPY vuelve a poner uno de ellos en el lugar del archivo; lo que haya allí hasta entonces también se "
        "conserva: "
        "{1} y su dirección.",
        "COPY 把其中之一放回文件原处，原处现有的内容也会保留：{1} 加上它的地址。"),
    [SAY_ANSWER] = IN_FIVE("Answer", "Antwort", "Réponse", "Respuesta", "答复"),
    [SAY_CODES] = IN_FIVE("Status codes", "Statuscodes", "Codes d’état", "Códigos de estado", "状态码"),
    [SAY_CODES_MARKED] =
        IN_FIVE("All that are registered. Samovar earns those in bold by a mechanism of its own.",
                "Alle, die registriert sind. Die fett gedruckten verdient Samovar durch einen eigenen Mechanismus.",
                "Tous ceux qui sont enregistrés. Samovar mérite ceux en gras par un mécanisme qui lui est propre.",
                "Todos los registrados. Samovar se gana los que están en negrita con un mecanismo propio.",
                "所有已注册的状态码。粗体者由 Samovar 以自己的机制给出。"),
    [SAY_CODE_MEANS] =
        IN_FIVE("What {1} means", "Was {1} bedeutet", "Ce que signifie {1}", "Qué significa {1}", "{1} 的含义"),
    [SAY_CODE_SPEC] = IN_FIVE("Defined in", "Definiert in", "Défini dans", "Definido en", "定义于"),
    [SAY_CODE_STANDING] = IN_FIVE("Standing", "Stand", "Statut", "Situación", "地位"),
    [SAY_CODE_FIELDS] = IN_FIVE("Fields", "Felder", "Champs", "Campos", "字段"),
    [SAY_CODE_EARNED] = IN_FIVE("Earned by", "Verdient durch", "Mérité par", "Se gana con", "何时给出"),
    [SAY_CODE_TRY] = IN_FIVE("Try", "Zum Ausprobieren", "Pour essayer", "Para probarlo", "试一试"),
    [SAY_CODE_PLAIN] = IN_FIVE("Registered; not one of those that Samovar earns by a mechanism of its own.",
                               "Registriert; keiner von denen, die Samovar durch einen eigenen Mechanismus verdient.",
                               "Enregistré ; n’est pas de ceux que Samovar mérite par un mécanisme qui lui est propre.",
                               "Registrado; no es de los que Samovar se gana con un mecanismo propio.",
                               "已注册；不属于 Samovar 以自己的机制给出的状态码。"),
    [SAY_POTS] = IN_FIVE("Pots", "Kannen", "Cafetières", "Cafeteras", "壶"),
    [SAY_POT_STATE] = IN_FIVE("State", "Zustand", "État", "Estado", "状态"),
    [SAY_POT_IDLE] = IN_FIVE("idle", "unbenutzt", "au repos", "en reposo", "空闲"),
    [SAY_POT_HEATING] = IN_FIVE("heating", "heizt", "chauffe", "calentando", "加热中"),
    [SAY_POT_BREWING] = IN_FIVE("brewing", "brüht", "prépare", "preparando", "冲泡中"),
    [SAY_POT_POURING] = IN_FIVE("pouring milk", "gießt Milch ein", "verse du lait", "sirviendo leche", "正在倒奶"),
    [SAY_POT_DONE] = IN_FIVE("done", "fertig", "prêt", "listo", "已完成"),
    [SAY_POT_STOPPED] = IN_FIVE("stopped", "angehalten", "arrêté", "detenido", "已停止"),
    [SAY_POT_SILENT] = IN_FIVE("not reachable", "nicht erreichbar", "injoignable", "no se puede contactar", "无法连接"),
    [SAY_POT_READY_IN] = IN_FIVE("Ready in", "Fertig in", "Prêt dans", "Listo en", "剩余时间"),
    [SAY_POT_DRINK] = IN_FIVE("Drink", "Getränk", "Boisson", "Bebida", "饮品"),
    [SAY_POT_COFFEE] = IN_FIVE("coffee", "Kaffee", "café", "café", "咖啡"),
    [SAY_POT_TEA] = IN_FIVE("tea", "Tee", "thé", "té", "茶"),
    [SAY_POT_WITH] = IN_FIVE("With", "Mit", "Avec", "Con", "已加"),
    [SAY_POT_STRENGTH] = IN_FIVE("Strength", "Stärke", "Force", "Intensidad", "浓度"),
    [SAY_POT_MILK] = IN_FIVE("Milk", "Milch", "Lait", "Leche", "奶"),
    [SAY_POT_BEGAN] = IN_FIVE("Began", "Begonnen", "Commencé", "Comenzó", "开始时间"),
    [SAY_POT_BREWS] = IN_FIVE("Brews", "Brüht", "Prépare", "Prepara", "可冲泡"),
    [SAY_POT_HAS] = IN_FIVE("Can add", "Kann dazugeben", "Peut ajouter", "Puede añadir", "可添加"),
    [SAY_POT_ORDER] = IN_FIVE("To order: {1} and this page’s address.", "Bestellen: {1} und die Adresse dieser Seite.",
                              "Pour commander : {1} et l’adresse de cette page.",
                              "Para pedir: {1} y la dirección de esta página.", "点单：{1} 加上本页地址。"),
};

struct slice page_say(enum page_language language, enum page_word word)
{
    return words[word][language];
}

void page_say_around(enum page_language language, enum page_word word, struct slice *before, struct slice *after)
{
    static const size_t mark_len = sizeof("{1}") - 1;
    struct slice all = words[word][language];
    size_t at = slice_index(all, '{');

    *before = slice_upto(all, at);
    *after = slice_from(all, at + mark_len);
}

/* ---- what is counted ---- */

/* For one, and for more. Chinese counts with a word of its own and has one form. */
static const struct slice nouns[PAGE_NOUNS][2][PAGE_LANGUAGES] = {
    [COUNT_FOLDERS] = {IN_FIVE("folder", "Ordner", "dossier", "carpeta", "个文件夹"),
                       IN_FIVE("folders", "Ordner", "dossiers", "carpetas", "个文件夹")},
    [COUNT_FILES] = {IN_FIVE("file", "Datei", "fichier", "archivo", "个文件"),
                     IN_FIVE("files", "Dateien", "fichiers", "archivos", "个文件")},
    [COUNT_BYTES] = {IN_FIVE("byte", "Byte", "octet", "byte", "字节"),
                     IN_FIVE("bytes", "Byte", "octets", "bytes", "字节")},
    [COUNT_PAST_OF] = {IN_FIVE("earlier content of ", "früherer Inhalt ", "contenu antérieur de ",
                               "contenido anterior de ", "个以前的内容："),
                       IN_FIVE("earlier contents of ", "frühere Inhalte ", "contenus antérieurs de ",
                               "contenidos anteriores de ", "个以前的内容：")},
};

/* Unicode's plural rules of the five: French takes none for one. */
static bool is_one(enum page_language language, uint64_t count)
{
    return count == 1 || (count == 0 && language == PAGE_FR);
}

struct slice page_noun(enum page_language language, enum page_noun noun, uint64_t count)
{
    return nouns[noun][!is_one(language, count)][language];
}

char page_point(enum page_language language)
{
    return language == PAGE_DE || language == PAGE_FR || language == PAGE_ES ? ',' : '.';
}

char page_byte(enum page_language language)
{
    return language == PAGE_FR ? 'o' : 'B';
}

/* ---- statuses ---- */

#define HEADING(code, de, fr, es, zh)                                                                                  \
    {                                                                                                                  \
        code,                                                                                                          \
        {                                                                                                              \
            SLICE_INIT(""), SLICE_INIT(de), SLICE_INIT(fr), SLICE_INIT(es), SLICE_INIT(zh)                             \
        }                                                                                                              \
    }

static const struct heading {
    int status;
    struct slice text[PAGE_LANGUAGES];
} headings[] = {
    HEADING(300, "Mehrere Möglichkeiten", "Plusieurs choix", "Varias opciones", "有多种选择"),
    HEADING(301, "Dauerhaft umgezogen", "Déplacé définitivement", "Trasladado de forma permanente", "已永久移动"),
    HEADING(302, "Anderswo zu finden", "Se trouve ailleurs", "Se encuentra en otro lugar", "在别处"),
    HEADING(303, "Bitte dort nachsehen", "Voir ailleurs", "Véase otra dirección", "请看另一处"),
    HEADING(307, "Vorübergehend anderswo", "Redirection temporaire", "Redirección temporal", "临时重定向"),
    HEADING(308, "Dauerhaft anderswo", "Redirection permanente", "Redirección permanente", "永久重定向"),
    HEADING(400, "Fehlerhafte Anfrage", "Requête incorrecte", "Petición incorrecta", "请求有误"),
    HEADING(401, "Anmeldung nötig", "Authentification requise", "Hay que identificarse", "需要登录"),
    HEADING(403, "Nicht erlaubt", "Accès refusé", "No permitido", "不允许"),
    HEADING(404, "Nicht gefunden", "Introuvable", "No se encuentra", "未找到"),
    HEADING(405, "Methode nicht möglich", "Méthode non admise", "Método no admitido", "不支持此方法"),
    HEADING(406, "Nichts Passendes", "Rien qui convienne", "Nada aceptable", "没有合适的版本"),
    HEADING(408, "Zeit abgelaufen", "Délai dépassé", "Tiempo agotado", "请求超时"),
    HEADING(409, "Konflikt", "Conflit", "Conflicto", "冲突"),
    HEADING(410, "Nicht mehr da", "N’existe plus", "Ya no existe", "已不存在"),
    HEADING(411, "Länge fehlt", "Longueur requise", "Falta la longitud", "缺少长度"),
    HEADING(412, "Bedingung nicht erfüllt", "Condition non remplie", "No se cumple una condición", "条件不满足"),
    HEADING(413, "Inhalt zu groß", "Contenu trop volumineux", "Contenido demasiado grande", "内容过大"),
    HEADING(414, "Adresse zu lang", "Adresse trop longue", "Dirección demasiado larga", "地址过长"),
    HEADING(415, "Art des Inhalts nicht angenommen", "Type de contenu non admis", "Tipo de contenido no admitido",
            "不支持的内容类型"),
    HEADING(416, "Diesen Bereich gibt es nicht", "Plage hors du fichier", "Intervalo inexistente", "范围不存在"),
    HEADING(417, "Erwartung nicht erfüllbar", "Attente impossible à satisfaire", "Expectativa imposible de cumplir",
            "无法满足预期"),
    HEADING(418, "Ich bin eine Teekanne", "Je suis une théière", "Soy una tetera", "我是茶壶"),
    HEADING(421, "Falscher Server", "Mauvais serveur", "Servidor equivocado", "服务器不对"),
    HEADING(422, "Inhalt nicht verwendbar", "Contenu inexploitable", "Contenido no utilizable", "内容无法处理"),
    HEADING(423, "Gesperrt", "Verrouillé", "Bloqueado", "已锁定"),
    HEADING(424, "Hing von anderem ab", "Dépendait d’un autre échec", "Dependía de otra operación", "依赖的操作失败"),
    HEADING(426, "Anderes Protokoll nötig", "Autre protocole requis", "Se necesita otro protocolo", "需要升级协议"),
    HEADING(428, "Bedingung nötig", "Condition requise", "Falta una condición", "缺少条件"),
    HEADING(429, "Zu viele Anfragen", "Trop de requêtes", "Demasiadas peticiones", "请求过多"),
    HEADING(431, "Kopffelder zu groß", "En-têtes trop volumineux", "Cabeceras demasiado grandes", "请求头过大"),
    HEADING(451, "Aus rechtlichen Gründen nicht verfügbar", "Indisponible pour raisons juridiques",
            "No disponible por motivos legales", "因法律原因不可用"),
    HEADING(500, "Fehler im Server", "Erreur du serveur", "Error del servidor", "服务器出错"),
    HEADING(501, "Nicht vorhanden", "Non pris en charge", "No implementado", "未实现"),
    HEADING(502, "Anderer Server nicht erreichbar", "Autre serveur hors d’atteinte", "Otro servidor inaccesible",
            "无法连接另一服务器"),
    HEADING(503, "Zurzeit nicht möglich", "Momentanément indisponible", "No disponible por ahora", "暂时不可用"),
    HEADING(504, "Anderer Server antwortet nicht", "Autre serveur sans réponse", "Otro servidor sin respuesta",
            "另一服务器没有应答"),
    HEADING(505, "HTTP-Version nicht möglich", "Version de HTTP non prise en charge", "Versión de HTTP no admitida",
            "不支持的 HTTP 版本"),
    HEADING(506, "Varianten falsch eingerichtet", "Variantes mal configurées", "Variantes mal configuradas",
            "变体配置有误"),
    HEADING(507, "Zu wenig Speicherplatz", "Espace insuffisant", "Espacio insuficiente", "存储空间不足"),
    HEADING(508, "Endlosschleife", "Boucle sans fin", "Bucle sin fin", "出现循环"),
    HEADING(510, "Erweiterung nötig", "Extension requise", "Se necesita una extensión", "需要扩展"),
    HEADING(511, "Anmeldung am Netz nötig", "Connexion au réseau requise", "Hay que entrar en la red", "需要登录网络"),
};

struct slice page_heading(enum page_language language, int status)
{
    if (language == PAGE_EN)
        return status_phrase(status);
    for (size_t i = 0; i < sizeof(headings) / sizeof(*headings); i++)
        if (headings[i].status == status)
            return headings[i].text[language];
    return SLICE_NONE;
}
